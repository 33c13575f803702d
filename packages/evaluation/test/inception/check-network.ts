/** The network with seeded numbers as weights; sums over its maps are known to ten digits. */
import { convolutions } from "../../src/inception/layers.js";
import type { NamedTensors } from "../../src/weights/arranged.js";
import { rowStrides } from "@ergodic/formats";
import type { StoredTensor } from "../../src/weights/stored-tensor.js";
import { uniforms } from "../fixtures.js";

const stored = (shape: readonly number[], values: Float64Array): StoredTensor => ({
  shape,
  strides: rowStrides(shape),
  offset: 0,
  values,
});

/**
 * Seeded weights of the network.
 *
 * - Convolution i has weights `(2u - 1) sqrt(6 / (in h w))` of seed 1000 + i, [out, in, h, w].
 * - Its normalisation comes from one stream of seed 5000 + i: all biases `0.1 (2u - 1)`, then all
 *   means likewise, then all variances `0.5 + u`.
 * - The classifier has seed 9000.
 */
export function checkTensors(): NamedTensors {
  const tensors = new Map<string, StoredTensor>();
  convolutions.forEach(({ name, kernel, in: from, out }, i) => {
    const shape = [out, from, ...kernel];
    const fan = from * kernel[0] * kernel[1];
    const bound = Math.sqrt(6 / fan);
    const u = uniforms(5000 + i, 3 * out);
    const vector = (part: number, of: (u: number) => number) =>
      stored([out], u.slice(part * out, (part + 1) * out).map(of));
    tensors.set(
      `${name}.conv.weight`,
      stored(
        shape,
        uniforms(1000 + i, out * fan).map((v) => (2 * v - 1) * bound),
      ),
    );
    tensors.set(`${name}.bn.weight`, stored([out], new Float64Array(out).fill(1)));
    tensors.set(
      `${name}.bn.bias`,
      vector(0, (v) => 0.1 * (2 * v - 1)),
    );
    tensors.set(
      `${name}.bn.running_mean`,
      vector(1, (v) => 0.1 * (2 * v - 1)),
    );
    tensors.set(
      `${name}.bn.running_var`,
      vector(2, (v) => 0.5 + v),
    );
  });
  const fc = uniforms(9000, 1008 * 2048).map((v) => (2 * v - 1) * Math.sqrt(3 / 2048));
  return tensors.set("fc.weight", stored([1008, 2048], fc));
}

/** A 32 x 32 image of noise, [height, width, 3] in 0..255; drawn channel by channel. */
export function checkImage(): Uint8Array {
  const drawn = uniforms(7, 3 * 32 * 32);
  return Uint8Array.from({ length: 3 * 32 * 32 }, (_, at) =>
    Math.floor(256 * drawn[(at % 3) * 1024 + Math.floor(at / 3)]!),
  );
}
