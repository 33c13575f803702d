/** What a latent-space EBM prior is made of, and its defaults. */
import type * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import { gaussian, type ObservationModel } from "@ergodic/generators";
import type { Layer, Optimizer } from "@ergodic/nn";
import { assertCount, assertPositive, type TensorTree } from "@ergodic/tensor";

/** A short-run Langevin chain started from N(0, I). */
export interface ChainOptions {
  /** Number of steps. The learned model is the law after exactly this many, so sampling reuses it. */
  readonly steps: number;
  /** s in  z ← z - (s²/2) ∇U(z) + s ξ. */
  readonly stepSize: number;
}

/** A generator of anything: `z [batch, latentDimension]` to `[batch, ...]`. */
export type LatentGenerator<G extends TensorTree> = Layer<G> & { readonly latentDimension: number };

export interface LatentPriorOptions<G extends TensorTree, E extends TensorTree, Batch> {
  readonly generator: LatentGenerator<G>;
  /** The tilt E(z) of the prior; `undefined` fixes the prior at N(0, I), the baseline. */
  readonly energy: EnergyModel<E> | undefined;
  readonly optimizers: { readonly generator: Optimizer; readonly energy: Optimizer };
  /** p(x | g(z)). Default normal noise of standard deviation 0.3, for images in [-1, 1]. */
  readonly observation?: ObservationModel;
  /** Chain of the prior. Default 60 steps of 0.4. */
  readonly prior?: ChainOptions;
  /** Chain of the posterior. Default 20 steps of 0.1. */
  readonly posterior?: ChainOptions;
  /** The observation in a batch, `[batch, ...]`. */
  readonly observe: (batch: Batch) => tf.Tensor;
}

export type ResolvedOptions<G extends TensorTree, E extends TensorTree, Batch> = Required<
  LatentPriorOptions<G, E, Batch>
>;

/** Steps of a chain: each is a part of the program that an update becomes. */
const mostSteps = 10_000;

/** @throws ValidationError naming the setting that is out of range. */
export function resolveOptions<G extends TensorTree, E extends TensorTree, Batch>(
  options: LatentPriorOptions<G, E, Batch>,
): ResolvedOptions<G, E, Batch> {
  const {
    observation = gaussian({ sigma: 0.3 }),
    prior = { steps: 60, stepSize: 0.4 },
    posterior = { steps: 20, stepSize: 0.1 },
  } = options;
  assertPositive({ "prior.stepSize": prior.stepSize, "posterior.stepSize": posterior.stepSize });
  assertCount({ "prior.steps": prior.steps, "posterior.steps": posterior.steps }, mostSteps);
  return { ...options, observation, prior, posterior };
}
