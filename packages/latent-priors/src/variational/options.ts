/** The parts of a variational model with an energy-based prior, and their defaults. */
import type * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import { gaussian, type InferenceModel, type Latents, type ObservationModel } from "@ergodic/generators";
import type { Layer, NoParams, Optimizer } from "@ergodic/nn";
import type { TensorTree } from "@ergodic/tensor";
import { assertChain, assertOptimizer, type LatentChainOptions, type ObservationOptions } from "../options.js";

interface VariationalParts<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
> {
  /** From latents to anything that the observation model takes, `[batch, ...]`. */
  readonly generator: Layer<G, Z, Y>;
  /** The latent space, with the base law p0 that the energy tilts. */
  readonly latents: Latents<L, Z>;
  /** q(z | x). */
  readonly inference: InferenceModel<I, X, Z>;
  /** The tilt E(z) of the prior. */
  readonly energy: EnergyModel<E, Z>;
  /** One optimiser for each part. `latents` is needed where the base law has parameters. */
  readonly optimizers: {
    readonly generator: Optimizer;
    readonly inference: Optimizer;
    readonly energy: Optimizer;
    readonly latents?: Optimizer;
  };
  /** Chain of the prior, in noise where the latents have `fromNoise`. Default 60 steps of 0.4. */
  readonly prior?: LatentChainOptions;
  /**
   * False makes chains in noise those of the code of arXiv 2306.06323, which leaves out the
   * Jacobian of `fromNoise` and so samples another law. Default true.
   */
  readonly jacobian?: boolean;
}

/**
 * The options of a variational model with an energy-based prior.
 *
 * @typeParam G parameters of the generator.
 * @typeParam I parameters of the inference model.
 * @typeParam E parameters of the tilt.
 * @typeParam X an observation, a tensor or a tree of tensors.
 * @typeParam Z a latent, a tensor or a tree of tensors.
 * @typeParam L parameters of the base law.
 * @typeParam Y the output of the generator, which the observation model reads.
 */
export type VariationalOptions<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
  Y extends TensorTree = tf.Tensor,
> = VariationalParts<G, I, E, X, Z, L, Y> & ObservationOptions<X, Y, Batch>;

/** Options with every default filled in. */
export interface ResolvedVariational<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
> extends Required<VariationalParts<G, I, E, X, Z, L, Y>> {
  readonly observe: (batch: Batch) => X;
  readonly observation: ObservationModel<X, Y>;
}

/** @throws ValidationError naming the setting that is missing or out of range. */
export function resolveVariational<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(options: VariationalOptions<G, I, E, Batch, X, Z, L, Y>): ResolvedVariational<G, I, E, Batch, X, Z, L, Y> {
  const { prior = { steps: 60, stepSize: 0.4 }, observation = gaussian({ sigma: 0.3 }), jacobian = true } = options;
  assertChain("prior", prior);
  assertOptimizer("latents", options.latents, options.optimizers);
  return { ...options, prior, observation, jacobian } as ResolvedVariational<G, I, E, Batch, X, Z, L, Y>;
}
