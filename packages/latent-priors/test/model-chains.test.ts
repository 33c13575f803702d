/** The chains for diagnosis equal those of learning, with the same energies and steps. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { gaussian } from "@ergodic/generators";
import { compile, useEngine } from "@ergodic/engine";
import { adam } from "@ergodic/nn";
import { langevin, runSteps } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import { latentPrior, posteriorEnergy, priorEnergy } from "../src/index.js";
import { enginesOnThisMachine, largestDifference, linearGenerator, quadraticTilt, valuesOf } from "./support.js";

const optimizer = adam({ learningRate: 1e-3 });
const generator = linearGenerator(2, 3);
const tilt = quadraticTilt(2);
const settings = {
  generator,
  optimizers: { generator: optimizer, energy: optimizer },
  observation: gaussian({ sigma: 0.5 }),
  prior: { steps: 5, stepSize: 0.4 },
  posterior: { steps: 4, stepSize: 0.1 },
  observe: (batch: tf.Tensor) => batch,
};
const observed = (): tf.Tensor2D =>
  tf.tensor2d([
    [1, 2, 3],
    [-1, 0, 1],
    [0, 0, 0],
  ]);
const latents = (): tf.Tensor2D =>
  tf.tensor2d([
    [0.5, -1],
    [2, 0.25],
  ]);

describe.each(enginesOnThisMachine)("the chains of a latent-space EBM prior on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("are the prior and a posterior for each of the first two observations", async () => {
    const [images, z] = [observed(), latents()];
    const model = latentPrior({ ...settings, energy: tilt });
    const state = await model.init(random.key(0), images);
    const chains = model.chains(state, images);
    expect(Object.keys(chains)).toEqual(["prior", "posterior 0", "posterior 1"]);
    expect(chains["prior"]).toMatchObject({ steps: 5, generative: true });
    expect(chains["posterior 1"]).toMatchObject({ steps: 4, generative: false });

    const prior = priorEnergy((at) => tilt.energy(state.params.energy!, at));
    const decode = (at: tf.Tensor) => generator.apply(state.params.generator, at);
    const second = tf.tensor2d([
      [-1, 0, 1],
      [-1, 0, 1],
    ]);
    const posterior = posteriorEnergy(prior, (at) => gaussian({ sigma: 0.5 }).logDensity(decode(at), second));
    const same = (actual: tf.Tensor, expected: tf.Tensor) =>
      expect(largestDifference(valuesOf(actual), valuesOf(expected))).toBeLessThan(1e-5);
    same(await compile((at: tf.Tensor) => chains["prior"]!.energy(at))(z), prior(z));
    same(await compile((at: tf.Tensor) => chains["posterior 1"]!.energy(at))(z), posterior(z));
    same(chains["prior"]!.observe!(z) as tf.Tensor, decode(z));

    const key = random.key(3);
    const { kernel } = chains["posterior 1"]!;
    const step = compile((at: tf.Tensor) => kernel.step(kernel.init(at), random.fold(key, 0))[0].position as tf.Tensor);
    const expected = langevin({ energy: posterior, stepSize: 0.1 });
    same(await step(z), runSteps(expected, z as tf.Tensor, { steps: 1, key }).position);
  });

  it("start as learning does, and scattered twice as widely", async () => {
    const images = observed();
    const model = latentPrior({ ...settings, energy: tilt });
    const { prior } = model.chains(await model.init(random.key(0), images), images);
    const [near, far] = [prior!.start(random.key(1), 4000), prior!.scattered(random.key(1), 4000)] as tf.Tensor[];
    expect(near!.shape).toEqual([4000, 2]);
    expect(largestDifference(valuesOf(far!), valuesOf(tf.mul(2, near!)))).toBeLessThan(1e-5);
  });

  it("leave out a prior that is drawn from exactly, and observations that are not there", async () => {
    const model = latentPrior({ ...settings, energy: undefined });
    const one = tf.slice(observed(), 0, 1);
    expect(Object.keys(model.chains(await model.init(random.key(0), one), one))).toEqual(["posterior 0"]);
  });
});
