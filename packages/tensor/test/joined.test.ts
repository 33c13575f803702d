import { expect, it } from "vitest";
import { joined } from "../src/index.js";

it("joined arrays hold the numbers of all parts in order, in an array of their own", () => {
  const part = Float32Array.of(1, 2);
  const all = joined(Float32Array, [part, new Float32Array(0), Float32Array.of(3)]);
  part[0] = 9;
  expect(all).toEqual(Float32Array.of(1, 2, 3));
  expect(joined(Uint8Array, [Uint8Array.of(255), Uint8Array.of(0, 7)])).toEqual(Uint8Array.of(255, 0, 7));
  expect(joined(Uint8Array, [])).toEqual(new Uint8Array(0));
});
