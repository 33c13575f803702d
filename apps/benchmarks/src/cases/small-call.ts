/** The fixed cost of a call: 2x + 1 of four numbers. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import type { Case } from "../case.js";

/** So many that nearly all of them run code that is compiled for the processor. */
const CALLS = 5000;

export const smallCall: Case = {
  name: "small-call",
  title: "fixed cost of a call: 2x + 1 of four numbers",
  unit: { label: "us per call", perMillisecond: 1000 / CALLS },
  engines: ["onnx", "tensorflow", "cpu"],
  calls: 1,
  prepare() {
    const x = tf.tensor1d([1, 2, 3, 4]);
    const affine = compile((at: tf.Tensor) => tf.add(tf.mul(at, 2), 1));
    return Promise.resolve({
      async call() {
        let value = NaN;
        for (let i = 0; i < CALLS; i++) {
          const y = await affine(x);
          value = y.dataSync()[0]!;
          y.dispose();
        }
        return value;
      },
      check: async () => [await affine(x)],
    });
  },
};
