/**
 * A model that is not Gaussian, in one dimension, against quadrature: E(z) = -a sin(bz) + z⁴/20,
 * g(z) = w tanh z + c.
 *
 * One batch holds all 40,001 nodes of the trapezoid rule on [-12, 12]. Energies are float32.
 * Weights and sums are float64, but gradients with respect to parameters are float32 sums over the
 * nodes.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { gaussian } from "@ergodic/generators";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { posteriorEnergy, priorEnergy } from "../src/index.js";
import { enginesOnThisMachine, logSumExp, sumOver, valuesOf } from "./support.js";

const sigma = 0.3;
const offset = 0.1;
const observed = 0.8;
const expected = {
  logEvidence: -0.1883007595,
  logPartition: 0.404982743,
  posteriorMean: 0.7203771855,
  priorMean: 0.4392934309,
  a: 0.2425281019,
  b: -0.0626845886,
  w: -0.4327297415,
};

type Params = { a: tf.Tensor; b: tf.Tensor; w: tf.Tensor };

const priorOf = ({ a, b }: Params) =>
  priorEnergy((z) => {
    const u = tf.squeeze(z, [1]);
    return tf.sub(tf.mul(0.05, tf.square(tf.square(u))), tf.mul(a, tf.sin(tf.mul(b, u))));
  });
const posteriorOf = (params: Params) =>
  posteriorEnergy(priorOf(params), (z) => {
    const mean = tf.add(tf.mul(params.w, tf.tanh(z)), offset);
    return gaussian({ sigma }).logDensity(mean, tf.fill(mean.shape, observed));
  });

describe.each(enginesOnThisMachine)("a one-dimensional model by quadrature on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  const nodes = 40_001;
  const step = 24 / (nodes - 1);
  const z = Float32Array.from({ length: nodes }, (_, i) => i * step - 12);
  const makeParams = (): Params => ({ a: tf.scalar(1.5), b: tf.scalar(2), w: tf.scalar(1.2) });

  async function densities() {
    const energies = compile((params: Params, at: tf.Tensor) => ({
      prior: priorOf(params)(at),
      posterior: posteriorOf(params)(at),
    }));
    const found = await energies(makeParams(), tf.tensor2d(z, [nodes, 1]));
    // The ends of the trapezoid rule have half a weight but no density: e^{-1000}.
    const normalised = (energy: tf.Tensor) => {
      const logs = valuesOf(energy).map((u) => -u);
      const logTotal = logSumExp(logs);
      return { logIntegral: logTotal + Math.log(step), weights: logs.map((log) => Math.exp(log - logTotal)) };
    };
    return { prior: normalised(found.prior), posterior: normalised(found.posterior) };
  }

  it("integrates to the partition function and the evidence, with the means of prior and posterior", async () => {
    const { prior, posterior } = await densities();
    // Energies near the modes are below 5, so float32 leaves at most 1e-6 in them.
    expect(prior.logIntegral - 0.5 * Math.log(2 * Math.PI)).toBeCloseTo(expected.logPartition, 6);
    expect(posterior.logIntegral - prior.logIntegral).toBeCloseTo(expected.logEvidence, 6);
    const mean = (weights: readonly number[]): number => sumOver(nodes, (i) => weights[i]! * z[i]!);
    expect(mean(posterior.weights)).toBeCloseTo(expected.posteriorMean, 6);
    expect(mean(prior.weights)).toBeCloseTo(expected.priorMean, 6);
  });

  it("gives every score as the posterior mean minus the prior mean of the energies' derivative", async () => {
    const { prior, posterior } = await densities();
    const loss = (params: Params, at: tf.Tensor, inferred: tf.Tensor, free: tf.Tensor): tf.Tensor =>
      tf.sub(tf.sum(tf.mul(free, priorOf(params)(at))), tf.sum(tf.mul(inferred, posteriorOf(params)(at))));
    const { grad } = await compile(valueAndGrad(loss))(
      makeParams(),
      tf.tensor2d(z, [nodes, 1]),
      tf.tensor1d(posterior.weights),
      tf.tensor1d(prior.weights),
    );
    // Float32 sums of 40,001 terms: 1e-5.
    for (const name of ["a", "b", "w"] as const) {
      expect(Math.abs(valuesOf(grad[name])[0]! - expected[name])).toBeLessThan(1e-5);
    }
  });
});
