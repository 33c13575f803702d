/** Latents of several layers and their inference, with affine networks: closed forms. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine } from "@ergodic/engine";
import { gaussianHierarchy, layeredInference, normalInference, standardNormalEnergy } from "@ergodic/generators";
import { batchNorm, dense, mlp, sequential, type Layer } from "@ergodic/nn";
import { random, type TensorTree } from "@ergodic/tensor";

const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** (μ, s) = (slope z + shift, s): a normal law of one number given another. */
const given = (slope: number, shift: number, s: number): Layer<TensorTree> =>
  ({
    ...dense({ in: 1, out: 2 }),
    init: () => ({ weight: tf.tensor2d([[slope, 0]]), bias: tf.tensor1d([shift, s]) }),
  }) as Layer<TensorTree>;

const [B, a, s, floor] = [0.8, 0.1, Math.log(0.4), 0.1];
const hierarchy = gaussianHierarchy({ dimensions: [1, 1], conditionals: [given(B, a, s)], floor });
const sd = Math.exp(s) + floor;
const params = () => hierarchy.init(random.key(0));

const makePoints = () => ({
  z1: tf.tensor2d([0, 1, -2, 0.3], [4, 1]),
  z2: tf.tensor2d([0, -1, 0.5, 2], [4, 1]),
});

describe.each(["cpu", "onnx"] as const)("a Gaussian hierarchy on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("has the energy ½ z2² + ½ ((z1 - B z2 - a)/σ)² + log σ, with σ = exp(s) + floor", async () => {
    const points = makePoints();
    const found = valuesOf(await compile(hierarchy.energy)(params(), points));
    const [z1, z2] = [valuesOf(points.z1), valuesOf(points.z2)];
    z1.forEach((bottom, i) => {
      const top = z2[i]!;
      expect(found[i]).toBeCloseTo(0.5 * top ** 2 + 0.5 * ((bottom - B * top - a) / sd) ** 2 + Math.log(sd), 5);
    });
  });

  it("maps noise to draws: E(T(ε)) + ½|ε|² has the gradient of log|det T'| = log σ alone", async () => {
    // -log p0(T(ε)) = ½|ε|² + log σ, for every ε.
    const found = valuesOf(
      await compile((p: ReturnType<typeof params>, noise: ReturnType<typeof makePoints>) =>
        tf.sub(hierarchy.energy(p, hierarchy.fromNoise(p, noise)), standardNormalEnergy(noise)),
      )(params(), makePoints()),
    );
    for (const value of found) expect(value).toBeCloseTo(Math.log(sd), 5);
  });

  it("maps draws back to their noise", async () => {
    const noise = makePoints();
    const back = await compile((p: ReturnType<typeof params>, at: typeof noise) =>
      hierarchy.toNoise(p, hierarchy.fromNoise(p, at)),
    )(params(), noise);
    valuesOf(noise.z1).forEach((value, i) => expect(valuesOf(back.z1!)[i]).toBeCloseTo(value, 5));
    expect(valuesOf(back.z2!)).toEqual(valuesOf(noise.z2));
    expect(back.z1!.shape).toEqual([4, 1]);
  });

  // Five moments, each with a false-alarm rate of 1e-6.
  it("draws z2 ~ N(0, 1) and z1 ~ N(a, σ² + B²) with the covariance B", async () => {
    const n = 20_000;
    const { z1, z2 } = await compile((p: ReturnType<typeof params>) => hierarchy.draw(p, random.key("draw"), n))(
      params(),
    );
    const [bottom, top] = [valuesOf(z1!), valuesOf(z2!)];
    const mean = (of: (i: number) => number): number => bottom.reduce((sum, _, i) => sum + of(i), 0) / n;
    const variance = sd ** 2 + B ** 2;
    const close = (found: number, expected: number, of: number): void =>
      expect(Math.abs(found - expected)).toBeLessThan(4.8916 * Math.sqrt(of / n));
    close(
      mean((i) => top[i]!),
      0,
      1,
    );
    close(
      mean((i) => bottom[i]!),
      a,
      variance,
    );
    close(
      mean((i) => top[i]! ** 2),
      1,
      2,
    );
    close(
      mean((i) => (bottom[i]! - a) ** 2),
      variance,
      2 * variance ** 2,
    );
    close(
      mean((i) => (bottom[i]! - a) * top[i]!),
      B,
      variance + B ** 2,
    );
  });

  it("has the slope of the conditional's mean and deviation in the layer above", async () => {
    const steep = gaussianHierarchy({
      dimensions: [2, 3],
      conditionals: [mlp({ in: 3, widths: [8], out: 4, activation: "tanh" })],
    });
    const p = steep.init(random.key(3));
    const z = { z1: random.normal(random.key(1), [2, 2]), z2: random.normal(random.key(2), [2, 3]) };
    const slope = grad((top: tf.Tensor) => tf.sum(steep.energy(p, { ...z, z2: top })))(z.z2);
    const at = (step: number): number => {
      const moved = tf.add(z.z2, tf.tensor2d([step, 0, 0, 0, 0, 0], [2, 3]));
      return valuesOf(tf.sum(steep.energy(p, { ...z, z2: moved })))[0]!;
    };
    expect(valuesOf(slope)[0]).toBeCloseTo((at(0.01) - at(-0.01)) / 0.02, 2);
  });
});

describe("inference of layers", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  const inference = layeredInference({
    dimensions: [1, 1],
    first: given(0.5, 0.2, -1),
    upward: [given(-1, 0.3, 0)],
    floor: 0,
  });

  it("draws z1 given x and z2 given z1, with the energy of its own noise", () => {
    const p = inference.init(random.key(0));
    const x = tf.tensor2d([1, -2], [2, 1]);
    const key = random.key("layers");
    const { z1, z2 } = inference.draw(p, x, key);
    const energy = valuesOf(inference.energy(p, { z1: z1!, z2: z2! }, x));
    [0, 1].forEach((i) => {
      const [bottom, top] = [valuesOf(z1!)[i]!, valuesOf(z2!)[i]!];
      const [e1, e2] = [(bottom - (0.5 * [1, -2][i]! + 0.2)) / Math.exp(-1), top - (0.3 - bottom)];
      expect(energy[i]).toBeCloseTo(0.5 * e1 ** 2 + 0.5 * e2 ** 2 - 1, 5);
    });
  });

  it("is that of a vector where there is one layer", () => {
    const single = layeredInference({ dimensions: [1], first: given(0.5, 0.2, -1), upward: [], floor: 0.1 });
    const vector = normalInference({ dimension: 1, network: given(0.5, 0.2, -1), floor: 0.1 });
    const x = tf.tensor2d([1, -2], [2, 1]);
    const [p, q] = [single.init(random.key(0)), vector.init(random.key(0))];
    const z = vector.draw(q, x, random.key(5));
    expect(valuesOf(single.draw(p, x, random.key(5)).z1!)).toEqual(valuesOf(z));
    expect(valuesOf(single.energy(p, { z1: z }, x))).toEqual(valuesOf(vector.energy(q, z, x)));
  });

  it("refreshes every network with what it read", () => {
    const normalised = (): Layer<TensorTree> =>
      sequential<readonly TensorTree[]>(batchNorm({ channels: 1 }) as Layer<TensorTree>, given(1, 0, 0));
    const model = layeredInference({ dimensions: [1, 1], first: normalised(), upward: [normalised()] });
    const p = model.init(random.key(0));
    const x = tf.tensor2d([5, 7], [2, 1]);
    const z = { z1: tf.tensor2d([-3, -5], [2, 1]), z2: tf.zeros([2, 1]) };
    const moved = model.refresh!(p, { x, z }) as unknown as { $fixed: { mean: tf.Tensor } }[][];
    expect(valuesOf(moved[0]![0]!.$fixed.mean)[0]).toBeGreaterThan(0);
    expect(valuesOf(moved[1]![0]!.$fixed.mean)[0]).toBeLessThan(0);
  });

  it("names what does not fit", () => {
    expect(() => gaussianHierarchy({ dimensions: [2, 2], conditionals: [] })).toThrow(/conditionals has 0 networks/);
    expect(() => layeredInference({ dimensions: [2], first: given(1, 0, 0), upward: [given(1, 0, 0)] })).toThrow(
      /upward has 1 networks/,
    );
    const wrong = gaussianHierarchy({ dimensions: [2, 1], conditionals: [given(1, 0, 0)] });
    expect(() => wrong.draw(wrong.init(random.key(0)), random.key(0), 3)).toThrow(/conditionals\[0\]/);
  });
});
