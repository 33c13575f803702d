import { compile, useEngine } from "@ergodic/engine";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { distorted, type Distortion } from "../../src/lenet/distortion.js";
import { digits } from "./digits.js";

describe.each(["cpu", "onnx"] as const)("distorted digits on %s", (engine) => {
  let images: tf.Tensor4D;
  beforeAll(async () => {
    await useEngine(engine);
    const { pixels } = await digits("train", 50);
    images = tf.tensor4d(
      Float32Array.from(pixels, (byte) => byte / 127.5 - 1),
      [50, 28, 28, 1],
    );
  });

  const under = async (distortion: Distortion, x: tf.Tensor, seed = 0) => {
    const run = compile((given: tf.Tensor, key: Key) => distorted(given, key, distortion));
    const values = (await run(x, random.key(seed))).dataSync<"float32">();
    await run.dispose();
    return values;
  };

  it("stay as they are without distortion", async () => {
    const same = await under({ stretch: 0, shift: 0, slant: 0 }, images);
    const changes = images.dataSync<"float32">().map((value, i) => Math.abs(same[i]! - value));
    expect(changes.reduce((a, b) => Math.max(a, b))).toBeLessThan(1e-5);
  });

  it("lie in [-1, 1], differ from one another and from before, the same for the same key", async () => {
    const all = { stretch: 0.15, shift: 2, slant: 0.2 };
    const one = tf.tile(tf.slice(images, [0], [1]), [2, 1, 1, 1]);
    const values = await under(all, one);
    expect(values.every((value) => value >= -1 - 1e-5 && value <= 1 + 1e-5)).toBe(true);
    const apart = values.subarray(0, 784).reduce((sum, value, i) => sum + Math.abs(value - values[784 + i]!), 0);
    expect(apart).toBeGreaterThan(1);
    expect(await under(all, one)).toEqual(values);
    expect(await under(all, one, 1)).not.toEqual(values);
  });

  // The first moment of the ink gives the centre of a bump.
  // The fifth number moves its column by slant times its row.
  it("move ink by affine maps within the bounds", async () => {
    const bump = tf.tidy(() => {
      const pixel = tf.cast(tf.oneHot(tf.tensor1d([9 * 28 + 13], "int32"), 784), "float32");
      return tf.sub(tf.mul(2, tf.tile(tf.reshape(pixel, [1, 28, 28, 1]), [300, 1, 1, 1])), 1);
    });
    const centres = async (distortion: Distortion) => {
      const values = await under(distortion, bump);
      return Array.from({ length: 300 }, (_, n) => {
        let [ink, y, x] = [0, 0, 0];
        for (let at = 0; at < 784; at++) {
          const weight = values[n * 784 + at]! + 1;
          [ink, y, x] = [ink + weight, y + weight * Math.floor(at / 28), x + weight * (at % 28)];
        }
        return { y: y / ink, x: x / ink };
      });
    };
    const spans = (points: readonly { y: number; x: number }[]) => {
      const span = (of: (p: { y: number; x: number }) => number) => [
        Math.min(...points.map(of)),
        Math.max(...points.map(of)),
      ];
      return { y: span(({ y }) => y), x: span(({ x }) => x) };
    };
    const shifted = spans(await centres({ stretch: 0, shift: 2, slant: 0 }));
    for (const [axis, at] of [
      ["y", 9],
      ["x", 13],
    ] as const) {
      const [least, most] = shifted[axis];
      expect(least).toBeGreaterThan(at - 2.001);
      expect(least).toBeLessThan(at - 1.8);
      expect(most).toBeGreaterThan(at + 1.8);
      expect(most).toBeLessThan(at + 2.001);
    }
    const slanted = spans(await centres({ stretch: 0, shift: 0, slant: 0.2 }));
    expect(slanted.y).toEqual([9, 9]);
    expect(slanted.x[0]).toBeGreaterThan(13 - 0.2 * 4.5 - 1e-3);
    expect(slanted.x[1]).toBeGreaterThan(13 + 0.2 * 4.5 - 0.1);
    expect(slanted.x[1]).toBeLessThan(13 + 0.2 * 4.5 + 1e-3);
  });
});
