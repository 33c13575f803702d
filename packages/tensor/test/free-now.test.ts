import { expect, it } from "vitest";
import { freeNow } from "../src/index.js";

it("arrays are freed with all views of their memory", () => {
  const bytes = new Uint8Array(64);
  const [first, second] = [bytes.subarray(0, 16), new Float32Array(bytes.buffer, 16)];
  const [others, shared] = [new Uint8Array(16), new Uint8Array(new SharedArrayBuffer(8))];
  freeNow([first, second, shared]);
  expect([first, second, others, shared].map(({ byteLength }) => byteLength)).toEqual([0, 0, 16, 8]);
});
