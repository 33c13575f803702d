/** A tilt that changes the flow's covariance, learned by chains and by the contrastive start. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { beforeAll, describe, expect, it } from "vitest";
import { learned } from "./known-learning.js";

beforeAll(() => useEngine("onnx"));

type Curved = { readonly curvature: tf.Tensor; readonly slope: tf.Tensor };

/** E(x) = -½ (h₀ x₀² + 2 h₁ x₀ x₁ + h₂ x₁²) - ℓ·x. */
const quadraticTilt: EnergyModel<Curved> = {
  init: () => ({ curvature: tf.zeros([3]), slope: tf.zeros([2]) }),
  energy(params, x) {
    const [first, second] = tf.unstack(x, 1) as [tf.Tensor, tf.Tensor];
    const products = tf.stack(
      [tf.mul(0.5, tf.square(first)), tf.mul(first, second), tf.mul(0.5, tf.square(second))],
      1,
    );
    const bent = tf.sum(tf.mul(products, params.curvature), 1);
    return tf.neg(tf.add(bent, tf.sum(tf.mul(x, params.slope), 1))) as tf.Tensor1D;
  },
};

describe("a quadratic tilt", () => {
  /** E_data f - log Z for f = ½ xᵀHx + ℓᵀx over x = A z + b, in closed form. */
  function gain({ curvature, slope }: Curved): number {
    const [h0, h1, h2] = curvature.dataSync() as unknown as [number, number, number];
    const [l0, l1] = slope.dataSync() as unknown as [number, number];
    const expected = 0.5 * (h0 * (1 + 4) + 2 * h1 * (0.2 + 1) + h2 * (0.6 + 0.25)) + l0 * 2 + l1 * 0.5;
    // Σ⁻¹ = [[1.25, -2], [-2, 4]], det Σ = 1, Σ⁻¹b = (3.25, -6), bᵀΣ⁻¹b = 9.25. The precision of
    // the tilted law is Σ⁻¹ - H.
    const [p0, p1, p2] = [1.25 - h0, -2 - h1, 4 - h2];
    const [v0, v1] = [3.25 + l0, -6 + l1];
    const determinant = p0 * p2 - p1 * p1;
    expect(Math.min(p0, determinant)).toBeGreaterThan(0);
    const square = (p2 * v0 * v0 - 2 * p1 * v0 * v1 + p0 * v1 * v1) / determinant;
    return expected - (-0.5 * Math.log(determinant) + 0.5 * square - 0.5 * 9.25);
  }

  it("gains KL(data ‖ flow), contrastively and by maximum likelihood", async () => {
    const settings = { energy: quadraticTilt, learningRate: 0.05, updates: 3000 };
    const contrastive = await learned({ ...settings, contrastive: true });
    const likelihood = await learned({ ...settings, contrastive: false });
    const gains = [contrastive, likelihood].map(({ params }) => gain(params.energy));
    console.log(gains);
    for (const found of gains) expect(Math.abs(found / 2.83990925 - 1)).toBeLessThan(0.05);
    expect(Math.abs(gains[0]! / gains[1]! - 1)).toBeLessThan(0.05);
  });
});
