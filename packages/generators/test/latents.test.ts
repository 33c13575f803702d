/**
 * The standard normal law of latents: shapes, independent layers, energies, and one layer as a
 * tensor or as a tree.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { standardNormal, standardNormalEnergy, type LatentShapes } from "@ergodic/generators";
import { random, ValidationError } from "@ergodic/tensor";

const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

describe("standard normal latents", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("have the given shapes behind the batch, and count their numbers over all layers", () => {
    const vector = standardNormal([5]);
    expect([vector.dimension, vector.draw([], random.key(0), 3).shape]).toEqual([5, [3, 5]]);
    const layers = standardNormal({ top: [8], bottom: [4, 4, 2] });
    const { top, bottom } = layers.start(random.key(0), 3);
    expect([layers.dimension, top.shape, bottom.shape]).toEqual([40, [3, 8], [3, 4, 4, 2]]);
  });

  it("give a tree of one layer the numbers of a tensor, those of random.normal with the same key", () => {
    const key = random.key("one layer");
    const expected = valuesOf(random.normal(key, [7, 3]));
    expect(valuesOf(standardNormal([3]).start(key, 7))).toEqual(expected);
    expect(valuesOf(standardNormal({ only: [3] }).start(key, 7).only)).toEqual(expected);
    const energy = valuesOf(standardNormalEnergy(standardNormal([3]).start(key, 7)));
    expect(valuesOf(standardNormalEnergy({ only: random.normal(key, [7, 3]) }))).toEqual(energy);
  });

  it("draw every layer for itself, whatever the order in which layers are named", () => {
    const [key, n] = [random.key("layers"), 20_000];
    const { a, b } = standardNormal({ a: [1], b: [1] }).draw([], key, n);
    const swapped = standardNormal({ b: [1], a: [1] }).draw([], key, n);
    expect(valuesOf(swapped.a)).toEqual(valuesOf(a));
    // Means, variances and the correlation are within 4.89 standard errors: five comparisons with a
    // false-alarm rate of 1e-6 each.
    const bound = (variance: number): number => 4.8916 * Math.sqrt(variance / n);
    for (const layer of [a, b]) {
      expect(Math.abs(valuesOf(tf.mean(layer))[0]!)).toBeLessThan(bound(1));
      expect(Math.abs(valuesOf(tf.mean(tf.square(layer)))[0]! - 1)).toBeLessThan(bound(2));
    }
    expect(Math.abs(valuesOf(tf.mean(tf.mul(a, b)))[0]!)).toBeLessThan(bound(1));
  });

  it("start wider by a factor sd, and are drawn with sd 1", () => {
    const latents = standardNormal({ top: [2], bottom: [3] });
    const key = random.key("wide");
    const [near, far] = [latents.start(key, 4), latents.start(key, 4, { sd: 2 })];
    expect(valuesOf(far.bottom)).toEqual(valuesOf(tf.mul(2, near.bottom)));
    expect(valuesOf(latents.draw([], key, 4).top)).toEqual(valuesOf(near.top));
  });

  it("have the energy |z|²/2, summed over layers of any rank", () => {
    const z = { top: tf.tensor2d([3, 4, 0, 1], [2, 2]), bottom: tf.tensor4d([1, 2, 2, 0], [2, 1, 2, 1]) };
    // 12.5 + 2.5 and 0.5 + 2.
    expect(valuesOf(standardNormal({ top: [2], bottom: [1, 2, 1] }).energy([], z))).toEqual([15, 2.5]);
  });

  it.each<[string, unknown, RegExp]>([
    ["a number", 8, /shapes is 8/],
    ["nothing", undefined, /shapes is undefined/],
    ["an empty shape", [], /shapes is \[\].*a layer of one number is \[1\]/],
    ["no layers", {}, /shapes has no layers/],
    ["a size of zero", { top: [8], bottom: [0] }, /shapes\.bottom\[0\]/],
    ["a fraction", [2.5], /shapes\[0\]/],
    ["a layer that is a number", { top: 8 }, /shapes\.top is 8/],
    ["shapes without names", [[8], [4]], /shapes\[0\]/],
  ])("refuse %s", (_, shapes, message) => {
    const make = () => standardNormal(shapes as LatentShapes);
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
