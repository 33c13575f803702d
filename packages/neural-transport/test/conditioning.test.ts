/** A tilted model conditioned on partial observations: Gaussian posteriors in closed form. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { summarize } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { conditionedEnergy, tilted } from "../src/index.js";
import { a, affineFlow, b, latentDraws } from "./support.js";

beforeAll(() => useEngine("onnx"));

/** E(x) = -θ·x with θ = (0.5, -1): x ~ N(b + Σθ, Σ), Σ = A Aᵀ = [[4, 2], [2, 1.25]]. */
const linear: EnergyModel<readonly never[]> = {
  init: () => [],
  energy: (_, x) => tf.neg(tf.sum(tf.mul(x, [0.5, -1]), 1)) as tf.Tensor1D,
};
const gaussian = () => {
  const { backbone, params } = affineFlow(a, b);
  return { backbone, map: params, model: tilted(backbone, linear), params: { backbone: params, energy: [] as const } };
};
const mean = [b[0]! + 4 * 0.5 - 2, b[1]! + 2 * 0.5 - 1.25];

/** Means and standard deviations of the two coordinates of 16 decoded chains in noise. */
async function posterior(observation: Parameters<typeof conditionedEnergy>[2]) {
  const { backbone, map, model, params } = gaussian();
  const { positions } = await latentDraws(conditionedEnergy(model, params, observation), 2);
  const [chains, draws] = positions.shape as [number, number];
  const x = backbone.decode(map, tf.reshape(positions, [chains * draws, 2]));
  return summarize(tf.reshape(x, [chains, draws, 2]));
}

describe("an example of which one coordinate was seen", () => {
  it("has the other filled in by regression, whatever stands where nothing was seen", async () => {
    const [y, sd] = [2.5, 0.4];
    const rows = await posterior({
      observed: tf.tensor1d([y, NaN]),
      mask: tf.tensor1d([1, 0]),
      sd,
    });
    // Kalman gain: Σ₀ᵢ/(Σ₀₀ + s²).
    const gains = [4 / (4 + sd ** 2), 2 / (4 + sd ** 2)];
    const variances = [4 - gains[0]! * 4, 1.25 - gains[1]! * 2];
    // False alarm rate: one in 8,000 runs that one of two means exceeds 4 standard errors.
    rows.forEach((row, i) => {
      expect(Math.abs(row.mean - (mean[i]! + gains[i]! * (y - mean[0]!)))).toBeLessThan(4 * row.mcseMean);
      expect(Math.abs(row.sd / Math.sqrt(variances[i]!) - 1)).toBeLessThan(0.06);
    });
  });
});

describe("a noisy example", () => {
  it("adds its squared distance in units of the noise, of a row's own example where each chain has one", () => {
    const { backbone, map, model, params } = gaussian();
    const z = random.normal(random.key(1), [3, 2]);
    const x = backbone.decode(map, z);
    const observed = random.normal(random.key(2), [3, 2]);
    const added = (observation: tf.Tensor) =>
      tf.sub(conditionedEnergy(model, params, { observed: observation, sd: 0.5 })(z), model.latentEnergy(params)(z));
    const squares = (y: tf.Tensor) => tf.mul(2, tf.sum(tf.square(tf.sub(x, y)), 1)).dataSync();
    added(observed)
      .dataSync()
      .forEach((value, i) => expect(value).toBeCloseTo(squares(observed)[i]!, 3));
    const first = tf.gather(observed, tf.scalar(0, "int32"));
    added(first)
      .dataSync()
      .forEach((value, i) => expect(value).toBeCloseTo(squares(first)[i]!, 3));
  });

  it("is refused with noise or shapes that cannot be", () => {
    const { model, params } = gaussian();
    const observed = tf.zeros([2]);
    expect(() => conditionedEnergy(model, params, { observed, sd: 0 })).toThrow(/sd is 0/);
    expect(() => conditionedEnergy(model, params, { observed: tf.zeros([3]), sd: 1 })).toThrow(
      /observed has shape \[3\].*\[2\]/s,
    );
    expect(() => conditionedEnergy(model, params, { observed, mask: tf.zeros([2, 2, 2]), sd: 1 })).toThrow(
      /mask has shape \[2,2,2\]/,
    );
  });
});
