/**
 * Fixed members of models change once per update, and never by an observation that is not finite.
 */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { latentPrior } from "../src/index.js";
import { enginesOnThisMachine, identityGenerator, valuesOf } from "./support.js";

type Counting = { readonly c: tf.Tensor; readonly $fixed: { readonly updates: tf.Tensor; readonly mean: tf.Tensor } };

/** E(z) = c·z, which counts its refreshes and keeps the mean of the last latents. */
const counting: EnergyModel<Counting> = {
  init: () => ({ c: tf.tensor1d([0.1, 0]), $fixed: { updates: tf.scalar(0), mean: tf.zeros([2]) } }),
  energy: ({ c }, z) => tf.sum(tf.mul(z, c), 1) as tf.Tensor1D,
  refresh: ({ c, $fixed }, z) => ({ c, $fixed: { updates: tf.add($fixed.updates, 1), mean: tf.mean(z, 0) } }),
};

describe.each(enginesOnThisMachine)("the latent-space EBM prior on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("refreshes its energy between updates, and keeps NaN out of its fixed members", async () => {
    const optimizer = adam({ learningRate: 0.01, weightDecay: 0.5 });
    const model = latentPrior({
      generator: identityGenerator,
      energy: counting,
      optimizers: { generator: optimizer, energy: optimizer },
      prior: { steps: 5, stepSize: 0.3 },
      posterior: { steps: 5, stepSize: 0.1 },
      observe: (x: tf.Tensor) => x,
    });
    let state = await model.init(random.key(1), tf.zeros([8, 2]));
    for (let i = 0; i < 3; i += 1) {
      const x = random.normal(random.fold(random.key(2), i), [8, 2]);
      ({ state } = await model.update(state, x, { key: random.fold(random.key(3), i), iteration: i }));
    }
    expect(valuesOf(state.params.energy!.$fixed.updates)).toEqual([3]);
    const before = valuesOf(state.params.energy!.$fixed.mean);
    expect(before.every((value) => value !== 0)).toBe(true);
    const spoilt = await model.update(state, tf.fill([8, 2], NaN), { key: random.key(4), iteration: 3 });
    expect(spoilt.metrics["skipped"]).toBe(1);
    expect(valuesOf(spoilt.state.params.energy!.$fixed.mean)).toEqual(before);
    expect(valuesOf(spoilt.state.params.energy!.c)).toEqual(valuesOf(state.params.energy!.c));
    await model.dispose!();
  });
});
