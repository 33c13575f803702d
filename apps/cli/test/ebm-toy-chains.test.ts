/** The chains of energies in the plane, at densities of the kind that these energies learn. */
import { gaussianRing } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { runChain, type Energy, type Kernel } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { jumping, local, wide } from "../src/preset-parts/ebm-toy.js";

beforeAll(() => useEngine("onnx"));

const [n, count] = [1_000, 8];

describe.each([0.1, 0.25])("modes of width %d", (width) => {
  const set = { ...gaussianRing({ count, radius: 3, sd: width }), width };
  const energy: Energy = (x: tf.Tensor) => tf.neg(set.logDensity(x as tf.Tensor2D));
  const entropy = Math.log(count) + 1 + Math.log(2 * Math.PI * width ** 2);

  it.each([
    ["are reached from noise by jumps", (): Kernel => jumping(set)(energy), wide],
    ["are kept without jumps", (): Kernel => local(set)(energy), set],
  ])("%s", async (_, kernel, starts) => {
    const initial = starts.sample(random.key("starts"), n);
    const { position } = await runChain(kernel(), { initial, steps: 200, key: random.key("steps") });
    // E of draws is the entropy plus half of χ²₂ - 2, with variance 1: 5 standard errors, false
    // alarm 6e-7.
    const mean = tf.mean(energy(position)).dataSync()[0]!;
    expect(Math.abs(mean - entropy)).toBeLessThan(5 / Math.sqrt(n));
    // 3 of 8 modes are right of 1.
    const right = tf.mean(tf.cast(tf.greater(tf.slice(position, [0, 0], [-1, 1]), 1), "float32")).dataSync()[0]!;
    expect(Math.abs(right - 3 / count)).toBeLessThan(5 * Math.sqrt(((3 / 8) * (5 / 8)) / n));
  });
});
