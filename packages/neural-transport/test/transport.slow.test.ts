/** A density that Hamiltonian Monte Carlo alone does not explore. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { summarize, type Energy } from "@ergodic/samplers";
import { beforeAll, expect, it } from "vitest";
import { carriedChains, chains, fit } from "./transports.js";

beforeAll(() => useEngine("onnx"));

/** Neal's funnel: v ~ N(0, 3²), x | v ~ N(0, e^v). Normalised. */
const funnel: Energy = (position) => {
  const [v, x] = tf.unstack(position, 1) as [tf.Tensor, tf.Tensor];
  const ofX = tf.add(tf.mul(0.5, tf.mul(tf.square(x), tf.exp(tf.neg(v)))), tf.mul(0.5, v));
  return tf.add(tf.add(ofX, tf.div(tf.square(v), 18)), Math.log(2 * Math.PI * 3)) as tf.Tensor1D;
};

it("carries chains through Neal's funnel, where chains without it do not get", async () => {
  const { flow, params } = await fit(funnel, 1_500);
  const length = { leapfrogSteps: 8, draws: 1_000 };
  const [along] = summarize((await carriedChains({ flow, params, energy: funnel, ...length })).positions);
  const [without] = summarize((await chains(funnel, length)).positions);
  console.log({ along, without });
  expect(along!.rHat).toBeLessThan(1.01);
  // False alarm rate: one in 16,000 runs.
  expect(Math.abs(along!.mean)).toBeLessThan(4 * along!.mcseMean);
  expect(Math.abs(along!.sd / 3 - 1)).toBeLessThan(0.1);
  expect(along!.essBulk).toBeGreaterThan(20 * without!.essBulk);
});
