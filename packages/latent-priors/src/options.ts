/** The parts of a latent-space EBM prior, and their defaults. */
import type * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import {
  gaussian,
  standardNormal,
  type InferenceModel,
  type Latents,
  type ObservationModel,
} from "@ergodic/generators";
import type { Layer, NoParams, Optimizer } from "@ergodic/nn";
import {
  assertCount,
  assertPositive,
  assertPositiveInteger,
  describeValue,
  fail,
  type TensorTree,
} from "@ergodic/tensor";

/** A short-run Langevin chain started from N(0, I). */
export interface LatentChainOptions {
  /**
   * Number of steps. The learned model is the law after exactly this many, so sampling reuses it.
   */
  readonly steps: number;
  /** s in  z ← z - (s²/2) ∇U(z) + s ξ. */
  readonly stepSize: number;
  /** False leaves ξ out: gradient descent from the start of the chain. Default true. */
  readonly noise?: boolean;
}

export interface PosteriorChainOptions extends LatentChainOptions {
  /**
   * Steps of one compiled call. The chain is the same for all values. Few steps keep programs small
   * where a step is large, as through decoders of sequences. All steps make the chain one program.
   * Default: an update is one program, the chain included.
   */
  readonly stepsPerCall?: number;
  /**
   * β of U(z | x) = U(z) - β log p(x | z), the energy of the chain: it samples the tempered posterior,
   * ∝ p(z) p(x | z)^β. Above 1 latents tell more of their observation. The model does not change:
   * scores and likelihoods have the weight 1. Default 1.
   */
  readonly likelihoodWeight?: number;
}

/** A generator of latent vectors: `z [batch, latentDimension]` to `[batch, ...]`. */
export type LatentGenerator<G extends TensorTree, Y extends TensorTree = tf.Tensor> = Layer<G, tf.Tensor, Y> & {
  readonly latentDimension: number;
};

/** A generator and its latents. Without `latents` these are vectors with the base law N(0, I). */
export type GeneratorOptions<G extends TensorTree, Z extends TensorTree, L extends TensorTree, Y extends TensorTree> =
  | { readonly generator: LatentGenerator<G, Y>; readonly latents?: undefined }
  | {
      /** From latents to anything that the observation model takes, `[batch, ...]`. */
      readonly generator: Layer<G, Z, Y>;
      /** The latent space: one layer or several, with the base law that the energy tilts. */
      readonly latents: Latents<L, Z>;
    };

/**
 * The observation model. Without `observation` it is normal noise of standard deviation 0.3, for
 * images in [-1, 1].
 */
export type ObservationOptions<X extends TensorTree, Y extends TensorTree, Batch> =
  | {
      readonly observe: (batch: Batch) => tf.Tensor;
      readonly observation?: undefined;
      readonly generator: { apply(...given: never[]): tf.Tensor };
    }
  | {
      /** The observation in a batch: a tensor or a tree of tensors, `[batch, ...]` in each leaf. */
      readonly observe: (batch: Batch) => X;
      /** p(x | g(z)). */
      readonly observation: ObservationModel<X, Y>;
    };

/** Options without generator, latents and observation model. */
interface CommonOptions<E extends TensorTree, X extends TensorTree, Z extends TensorTree> {
  /**
   * The tilt E(z) of the prior. `undefined` leaves the prior at the base law, which is the
   * baseline.
   */
  readonly energy: EnergyModel<E, Z> | undefined;
  /**
   * q(z | x), from which posterior chains start. It learns along, by mean -log q(z⁺ | x) at the
   * ends z⁺ of these chains. Default: chains start from N(0, I).
   */
  readonly inference?: InferenceModel<TensorTree, X, Z> | undefined;
  /**
   * One optimiser for each part. `latents` is needed where the base law has parameters, and
   * `inference` where there is an inference model.
   */
  readonly optimizers: {
    readonly generator: Optimizer;
    readonly energy: Optimizer;
    readonly latents?: Optimizer;
    readonly inference?: Optimizer;
  };
  /** Chain of the prior. Default 60 steps of 0.4. */
  readonly prior?: LatentChainOptions;
  /** Chain of the posterior. Default 20 steps of 0.1. */
  readonly posterior?: PosteriorChainOptions;
}

/**
 * The options of a latent-space EBM prior.
 *
 * @typeParam G parameters of the generator.
 * @typeParam E parameters of the tilt.
 * @typeParam X an observation, a tensor or a tree of tensors.
 * @typeParam Z a latent, a tensor or a tree of tensors.
 * @typeParam L parameters of the base law.
 * @typeParam Y the output of the generator, which the observation model reads.
 */
export type LatentPriorOptions<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
  Y extends TensorTree = tf.Tensor,
> = CommonOptions<E, X, Z> & GeneratorOptions<G, Z, L, Y> & ObservationOptions<X, Y, Batch>;

/** Options with every default filled in. */
export interface ResolvedOptions<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
  Y extends TensorTree = tf.Tensor,
> extends Required<CommonOptions<E, X, Z>> {
  readonly generator: Layer<G, Z, Y>;
  readonly latents: Latents<L, Z>;
  readonly observe: (batch: Batch) => X;
  readonly observation: ObservationModel<X, Y>;
}

/** Steps of a chain: each is a part of the program that an update becomes. */
const mostSteps = 10_000;

/** N(0, I) over vectors of the generator's `latentDimension`. */
function vectorLatents(generator: { readonly latentDimension?: number }): Latents {
  const { latentDimension } = generator;
  if (latentDimension === undefined) {
    fail("latentPrior has no latents", "latents, or a generator with latentDimension", "pass standardNormal([8])");
  }
  return standardNormal([latentDimension]);
}

/**
 * @throws ValidationError for a step size that is not positive, or a number of steps out of range.
 */
export function assertChain(name: string, { steps, stepSize }: LatentChainOptions): void {
  assertPositive({ [`${name}.stepSize`]: stepSize });
  assertCount({ [`${name}.steps`]: steps }, mostSteps);
}

/** @throws ValidationError when the part has parameters and no optimiser. */
export function assertOptimizer(
  name: "latents" | "inference",
  part: { readonly init?: unknown } | undefined,
  optimizers: { readonly [Name in "latents" | "inference"]?: Optimizer },
): void {
  if (part?.init === undefined || optimizers[name] !== undefined) return;
  fail(
    `optimizers.${name} is ${describeValue(optimizers[name])}`,
    `an optimiser for the parameters of ${name}`,
    "name one beside those of the other parts",
  );
}

/** @throws ValidationError naming the setting that is missing or out of range. */
export function resolveOptions<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
  Y extends TensorTree = tf.Tensor,
>(options: LatentPriorOptions<G, E, Batch, X, Z, L, Y>): ResolvedOptions<G, E, Batch, X, Z, L, Y> {
  const {
    prior = { steps: 60, stepSize: 0.4 },
    posterior = { steps: 20, stepSize: 0.1 },
    observation = gaussian({ sigma: 0.3 }),
    latents = vectorLatents(options.generator as LatentGenerator<G, Y>),
    inference,
    optimizers,
  } = options;
  assertChain("prior", prior);
  assertChain("posterior", posterior);
  assertPositive({ "posterior.likelihoodWeight": posterior.likelihoodWeight ?? 1 });
  if (posterior.stepsPerCall !== undefined) assertPositiveInteger({ "posterior.stepsPerCall": posterior.stepsPerCall });
  assertOptimizer("latents", latents, optimizers);
  assertOptimizer("inference", inference, optimizers);
  return { ...options, prior, posterior, observation, latents, inference } as ResolvedOptions<G, E, Batch, X, Z, L, Y>;
}
