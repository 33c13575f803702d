/** Short sequences of points on a circle, whose speed depends on their angle. */
import { assertNonNegative, assertPositive, assertPositiveInteger, random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { randomAccess } from "../batching.js";
import type { IndexedSource } from "../dataset.js";

/** Frames 1, 2, ... of each sequence, `[batch, 2]` each. */
export type PointFrames = { frames: tf.Tensor2D[] };

export type CircleSequencesOptions = {
  readonly size: number;
  /** Frames of a sequence. Default 3. */
  readonly length?: number;
  /** Default 1.5. */
  readonly radius?: number;
  /** Standard deviation of the noise of each frame. Default 0.03. */
  readonly noise?: number;
  /** Turns the whole process, in degrees. Default 0. */
  readonly turn?: number;
  /** Centre of the circle. Default [0, 0]. */
  readonly centre?: readonly [number, number];
  /** Default 0. */
  readonly seed?: number | bigint | string;
};

/**
 * Angles θ from a uniform start with θ' = θ + 0.5 + 0.4 cos θ, seen with noise.
 *
 * Single frames look alike under any rotation. The speed identifies it.
 *
 * @throws ValidationError for a size or a length that is no positive integer, a radius that is not
 *   positive, or a negative noise
 */
export function circleSequences(options: CircleSequencesOptions): IndexedSource<PointFrames> {
  const { size, length = 3, radius = 1.5, noise = 0.03, turn = 0, centre = [0, 0], seed = 0 } = options;
  assertPositiveInteger({ size, length });
  assertPositive({ radius });
  assertNonNegative({ noise });
  const [startKey, noiseKey] = random.split(random.key(seed));
  const offset = (turn * Math.PI) / 180;
  return {
    load() {
      const start = random.host.uniform(startKey!, size, { low: 0, high: 2 * Math.PI });
      const jitter = random.host.normal(noiseKey!, size * length * 2, { sd: noise });
      const frames = Array.from({ length }, () => new Float32Array(2 * size));
      for (let i = 0; i < size; i++) {
        let angle = start[i]!;
        for (let t = 0; t < length; t++) {
          const at = 2 * (i * length + t);
          frames[t]![2 * i] = centre[0] + radius * Math.cos(angle + offset) + jitter[at]!;
          frames[t]![2 * i + 1] = centre[1] + radius * Math.sin(angle + offset) + jitter[at + 1]!;
          angle += 0.5 + 0.4 * Math.cos(angle);
        }
      }
      return Promise.resolve({
        description: `${size.toLocaleString("en")} sequences of ${length} points on a circle`,
        size,
        ...randomAccess(size, (indices) => ({
          frames: frames.map((points) => {
            const some = new Float32Array(2 * indices.length);
            indices.forEach((index, place) => some.set(points.subarray(2 * index, 2 * index + 2), 2 * place));
            return tf.tensor2d(some, [indices.length, 2], "float32");
          }),
        })),
      });
    },
  };
}
