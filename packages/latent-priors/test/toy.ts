/**
 * A small energy learned for data in the plane, judged by its exact log-likelihood.
 *
 * Data: four Gaussians at (±1.2, ±1.2) with sd 0.4. The model has g(z) = z and σ = 0.3, so p(x) = ∫
 * p(z) N(x; z, σ² I) dz is a sum over a grid of 201² latents. N(0, I) scores -3.389 and the true
 * density -2.328. An independent implementation reached -3.11, -2.90, -2.71 and -2.57 at the
 * quarters of 1,200 updates.
 */
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { fourGaussians } from "@ergodic/data";
import { gaussian } from "@ergodic/generators";
import { compile, useEngine, type EngineName } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import { latentPrior, priorEnergy } from "../src/index.js";
import { identityGenerator, logSumExp, sumOver, valuesOf } from "./support.js";

export const sigma = 0.3;
const batchSize = 128;
const nodes = 201;
const axis = Array.from({ length: nodes }, (_, i) => -5 + (10 * i) / (nodes - 1));
export const latents = axis.flatMap((u) => axis.map((v) => [u, v]));
export const toy = fourGaussians({ distance: 1.2, sd: 0.4 });
export const heldOut = toy.sampleArray(random.key("held out"), 1_000);

/** Mean log p(x) over the held-out points for the prior whose energies U at the nodes these are. */
export function logLikelihood(energies: readonly number[]): number {
  const logZ = logSumExp(energies.map((u) => -u));
  const weights = Float64Array.from(energies, (u) => Math.exp(-u - logZ));
  const kernel = (x: number): Float64Array =>
    Float64Array.from(
      axis,
      (z) => Math.exp(-((x - z) ** 2) / (2 * sigma * sigma)) / Math.sqrt(2 * Math.PI * sigma * sigma),
    );
  const n = heldOut.length / 2;
  return (
    sumOver(n, (k) => {
      const [left, right] = [kernel(heldOut[2 * k]!), kernel(heldOut[2 * k + 1]!)];
      return Math.log(sumOver(nodes, (i) => left[i]! * sumOver(nodes, (j) => weights[i * nodes + j]! * right[j]!)));
    }) / n
  );
}

export function toyModel() {
  const energy = mlpEnergy({ in: 2, widths: [64, 64], activation: "leakyRelu" });
  const optimizer = adam({ learningRate: 3e-4, beta1: 0.5 });
  const model = latentPrior({
    generator: identityGenerator,
    energy,
    optimizers: { generator: optimizer, energy: optimizer },
    observation: gaussian({ sigma }),
    prior: { steps: 60, stepSize: 0.2 },
    posterior: { steps: 40, stepSize: 0.1 },
    observe: (points: tf.Tensor) => points,
  });
  type State = Awaited<ReturnType<typeof model.init>>;
  const init = (seed: number): Promise<State> => model.init(random.key(seed), toy.sample(random.key(0), 1));
  const advance = async (state: State, seed: number, from: number, to: number): Promise<State> => {
    let current = state;
    for (let i = from; i < to; i++) {
      const key = random.fold(random.key(seed), i);
      const batch = toy.sample(random.fold(key, 0), batchSize);
      const next = await model.update(current, batch, { key: random.fold(key, 1), iteration: 0 });
      tree.dispose([current, batch]);
      current = next.state;
    }
    return current;
  };
  return { model, energy, init, advance };
}

/** Learns on `engine`, and returns the exact log-likelihood after each 300 updates. */
export async function learnThePlane(engine: EngineName, quarters: number) {
  await useEngine(engine);
  const { model, energy, init, advance } = toyModel();
  const energies = compile((params: ReturnType<typeof energy.init>, z: tf.Tensor) =>
    priorEnergy((at) => energy.energy(params, at))(z),
  );
  const grid = tf.tensor2d(latents);
  let state = await init(0);
  const history: number[] = [];
  for (let quarter = 0; quarter < quarters; quarter++) {
    state = await advance(state, 0, 300 * quarter, 300 * (quarter + 1));
    history.push(logLikelihood(valuesOf(await energies(state.params.energy!, grid))));
  }
  return { model, state, history };
}

/**
 * 1,200 updates on `engine`: the exact log-likelihood reaches -2.70 and improves at each quarter,
 * and the prior chain finds all four modes.
 */
export async function expectThePlane(engine: EngineName): Promise<void> {
  const { model, state, history } = await learnThePlane(engine, 4);
  expect(history).toEqual([...history].sort((a, b) => a - b));
  expect(history.at(-1)).toBeGreaterThan(-2.7);
  const n = 10_000;
  const points = valuesOf(await model.sampleLatents(state, random.key("quadrants"), n));
  const quadrants = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) quadrants[(points[2 * i]! > 0 ? 1 : 0) + (points[2 * i + 1]! > 0 ? 2 : 0)]! += 1 / n;
  expect(Math.min(...quadrants)).toBeGreaterThan(0.2);
  expect(Math.max(...quadrants)).toBeLessThan(0.31);
}
