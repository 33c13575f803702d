/** `checkSampler` on kernels that are right and wrong, and `tunable` on a kernel of one's own. */
import { correlatedNormal } from "@ergodic/energies";
import { useEngine } from "@ergodic/engine";
import { hmc, type Energy } from "@ergodic/samplers";
import { metropolis, potential, tunable } from "@ergodic/samplers/kernels";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { checkSampler } from "../../src/index.js";

beforeAll(() => useEngine("onnx"));

type State = { readonly position: tf.Tensor; readonly energy: tf.Tensor1D; readonly stepSize: tf.Tensor };

/** Random-walk Metropolis: x' = x + ε ξ. Without the test every proposal is taken. */
const walk =
  ({ test = true } = {}) =>
  (energy: Energy) => {
    const evaluate = potential(energy, "walk");
    const kernel = {
      init: (position: tf.Tensor): State => ({
        position,
        energy: evaluate(position).energy,
        stepSize: tf.scalar(0.01),
      }),
      step(state: State, key: Key): [State, { acceptProb: tf.Tensor1D; accepted: tf.Tensor1D }] {
        const [stepKey, testKey] = random.split(key);
        const step = tf.mul(tf.reshape(state.stepSize, [-1, 1]), random.normal(stepKey, state.position.shape));
        const proposed = tf.add(state.position, step);
        const { energy: there } = evaluate(proposed);
        const { acceptProb, accepted } = metropolis(tf.sub(there, state.energy) as tf.Tensor1D, testKey);
        const taken = test ? accepted : tf.onesLike(accepted);
        const position = tf.where(tf.expandDims(taken, 1), proposed, state.position);
        return [
          { ...state, position, energy: tf.where(taken, there, state.energy) },
          { acceptProb, accepted },
        ];
      },
    };
    return tunable(kernel, { targetAcceptance: 0.35 });
  };

describe("checkSampler", () => {
  const target = correlatedNormal({ correlation: 0.3 });
  const plan = { chains: 8, warmup: 300, draws: 2000, seed: 1 };
  const wrongOnes = (troubles: Awaited<ReturnType<typeof checkSampler>>["troubles"]) =>
    troubles.filter(({ kind }) => kind === "estimate");

  it("finds a right kernel right, which warmUp has tuned, and leaves no tensor", async () => {
    const before = tf.memory().numTensors;
    const { quantities, transitions, stepSize, troubles } = await checkSampler(walk(), target, plan);
    expect(tf.memory().numTensors).toBe(before);
    // Roberts, Gelman and Gilks (1997): the best step of a walk in d dimensions is near 2.4/√d.
    expect(stepSize).toBeGreaterThan(1);
    expect(stepSize).toBeLessThan(4);
    expect(transitions.acceptance).toBeCloseTo(0.35, 1);
    // 5 standard errors for each of 4 estimates: false alarm below 1e-5.
    expect(wrongOnes(troubles)).toEqual([]);
    expect(quantities.map(({ exactSd }) => exactSd)).toEqual([1, 1].map((one) => expect.closeTo(one, 6) as number));
  });

  it("finds a kernel wrong that accepts everything", async () => {
    const { troubles } = await checkSampler(walk({ test: false }), target, { ...plan, draws: 500 });
    expect(troubles.length).toBeGreaterThan(0);
  });

  it("takes the kernels of this library", async () => {
    const { troubles } = await checkSampler((energy) => hmc({ energy, steps: 8 }), target, { ...plan, draws: 500 });
    expect(troubles).toEqual([]);
  });
});
