/** Learning iterations of a latent-space EBM prior, as the work of a case. */
import { compile } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { gaussian, type Latents } from "@ergodic/generators";
import { latentPrior, posteriorEnergy, priorEnergy, type LatentPriorParams } from "@ergodic/latent-priors";
import { adam, type Layer } from "@ergodic/nn";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { Prepared } from "./case.js";
import { iterated } from "./iterated.js";
import { fixedInput } from "./numbers.js";

const SIGMA = 0.3;
const PRIOR = { steps: 60, stepSize: 0.4 };
const POSTERIOR = { steps: 20, stepSize: 0.1 };

interface Model<E extends TensorTree, Z extends TensorTree, L extends TensorTree> {
  readonly generator: Layer<readonly TensorTree[], Z>;
  readonly latents: Latents<L, Z>;
  readonly energy: EnergyModel<E, Z>;
  /** Images of 28 x 28 pixels. Default 100. */
  readonly batch?: number;
}

/**
 * The posterior chain without noise, from a given start, in steps so small that rounding does not
 * grow along it.
 */
function posteriorDescent<E extends TensorTree, Z extends TensorTree, L extends TensorTree>(
  { generator, latents, energy }: Model<E, Z, L>,
  params: LatentPriorParams<readonly TensorTree[], E, L>,
  images: tf.Tensor,
): Promise<readonly tf.Tensor[]> {
  const descend = compile((p: typeof params, x: tf.Tensor, start: Z, key: Key) => {
    const prior = priorEnergy(
      (z: Z) => energy.energy(p.energy!, z),
      (z) => latents.energy(p.latents!, z),
    );
    const noise = gaussian({ sigma: SIGMA });
    const target = posteriorEnergy(prior, (z) => noise.logDensity(generator.apply(p.generator, z), x));
    const kernel = langevin({ energy: target, stepSize: 0.01, withNoise: false });
    return tree.leaves(runSteps(kernel, start, { steps: POSTERIOR.steps, key }).position);
  });
  const like = latents.start(random.key(0), images.shape[0]!);
  const { leaves, structure } = tree.flatten(like as TensorTree);
  const start = tree.unflatten(
    structure,
    leaves.map(({ shape }, i) => fixedInput(1 + i, shape, 1)),
  ) as Z;
  return descend(params, images, start, random.key(0));
}

/** One update a call, with the settings of the presets. */
export async function latentIterations<E extends TensorTree, Z extends TensorTree, L extends TensorTree>(
  model: Model<E, Z, L>,
): Promise<Prepared & { params(): TensorTree }> {
  const { batch = 100 } = model;
  const images = fixedInput(0, [batch, 28, 28, 1], 1);
  const learner = latentPrior({
    ...model,
    optimizers: {
      generator: adam({ learningRate: 3e-4 }),
      energy: adam({ learningRate: 1e-4 }),
      latents: adam({ learningRate: 3e-4 }),
    },
    observation: gaussian({ sigma: SIGMA }),
    prior: PRIOR,
    posterior: POSTERIOR,
    observe: (observed: tf.Tensor) => observed,
  });
  const updates = await iterated(learner, images, {
    key: random.key("learning iteration"),
    metric: "reconstruction",
  });
  return {
    call: updates.call,
    params: () => updates.params() as TensorTree,
    check: () => posteriorDescent(model, updates.params(), images),
  };
}
