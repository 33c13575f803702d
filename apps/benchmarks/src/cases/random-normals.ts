/**
 * Normal variates drawn on the host, the random numbers of every engine.
 *
 * The table has one column for it, because it needs no engine.
 */
import { random } from "@ergodic/tensor";
import type { Case } from "../case.js";

const NUMBERS = 1_000_000;

export const randomNormals: Case = {
  name: "random-normals",
  title: "normal variates on the host, 1,000,000 at once",
  unit: { label: "ns per number", perMillisecond: 1e6 / NUMBERS },
  engines: ["onnx"],
  calls: 20,
  prepare() {
    const root = random.key(0);
    let calls = 0;
    return Promise.resolve({
      call: () => Promise.resolve(random.host.normal(random.fold(root, calls++), NUMBERS)[0]!),
    });
  },
};
