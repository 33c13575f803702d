/**
 * A whole learning iteration of the preset "cyclecoop/mnist-edges" of the command line.
 *
 * It makes both translations, runs both chains, and moves both energies and both translators.
 * `cooperative` compiles all of it as one program.
 */
import { compile } from "@ergodic/engine";
import { cycleCoopNets, type TranslationParams } from "@ergodic/cooperative";
import { convEnergy } from "@ergodic/energies";
import { imageTranslator } from "@ergodic/generators";
import { adam } from "@ergodic/nn";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { milliseconds, type Case } from "../case.js";
import { iterated } from "../iterated.js";
import { fixedInput } from "../numbers.js";

const SHAPE = [32, 28, 28, 1] as const;
const STEPS = 15;

const energy = () =>
  convEnergy({
    imageShape: [28, 28, 1],
    widths: [32, 64, 64],
    kernels: [4, 4, 4],
    strides: [2, 2, 2],
    padding: 1,
  });

const translator = () =>
  imageTranslator({
    ...{ in: 1, out: 1, width: 16, blocks: 2 },
    ...{ halvings: 1, outerKernel: 3, halvingKernel: 4, border: "zeros" },
  });

const chain = { drift: 1, gradientClip: { limit: 0.05 } } as const;

/** Translations to y, and their chains without noise. */
function revisions({ translators, energyY }: TranslationParams): Promise<readonly tf.Tensor[]> {
  const run = compile((toY: TensorTree, params: TensorTree, x: tf.Tensor, key: Key) => {
    const made = translator().apply(toY as readonly TensorTree[], x);
    const at = (image: tf.Tensor) => energy().energy(params as readonly TensorTree[], image);
    const kernel = langevin({ ...chain, energy: at, withNoise: false });
    return [made, runSteps(kernel, made, { steps: STEPS, key }).position];
  });
  return run(translators.toY, energyY, fixedInput(0, SHAPE, 1), random.key(0));
}

export const cyclecoopIteration: Case = {
  name: "cyclecoop-iteration",
  title: "learning iteration of cyclecoop/mnist-edges: 15 steps of 2 x 32 chains of 28x28, four networks",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  async prepare() {
    const optimizer = (learningRate: number) => adam({ learningRate, beta1: 0.5 });
    const learner = cycleCoopNets({
      energies: { x: energy(), y: energy() },
      translators: { toX: translator(), toY: translator() },
      chain: { ...chain, steps: STEPS, noise: 0.02 },
      weights: { teaching: 5.56, cycle: { x: 1, y: 1 } },
      optimizers: { energyX: optimizer(3e-4), energyY: optimizer(3e-4), translators: optimizer(5e-4) },
      observe: (batch: { readonly x: tf.Tensor; readonly y: tf.Tensor }) => batch,
    });
    const batch = { x: fixedInput(0, SHAPE, 1), y: fixedInput(1, SHAPE, 1) };
    const updates = await iterated(learner, batch, { key: random.key("cyclecoop iteration"), metric: "loss" });
    return { call: updates.call, check: () => revisions(updates.params()) };
  },
};
