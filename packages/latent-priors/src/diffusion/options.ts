/** The parts of a latent diffusion model, and their defaults. */
import type { ConditionedInContext } from "@ergodic/energies";
import type { NormalInference, ObservationModel } from "@ergodic/generators";
import type { Layer, Optimizer } from "@ergodic/nn";
import {
  ladder as ladders,
  langevinSteps,
  levelsOf,
  type EnergyScale,
  type Ladder,
  type Levels,
  type TopLevel,
} from "@ergodic/noising";
import {
  assertCount,
  assertNonNegative,
  assertPositiveInteger,
  fail,
  type DataSource,
  type TensorTree,
} from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { ClusteringSettings } from "./clustering.js";

/**
 * Symbols by the geometry of latents: k-means of posterior means that are whitened in their
 * principal components.
 */
export interface Clustering<Batch> {
  /** The examples to cluster, those of training as a rule. */
  readonly data: DataSource<Batch>;
  /** Iterations between clusterings. */
  readonly every: number;
  /** Principal components. Default: all, at most 3. */
  readonly components?: number;
  /** Whether rows have length 1 before they are clustered. Default true, as in the released code. */
  readonly unit?: boolean;
  /** Starts of k-means. Default 8. */
  readonly restarts?: number;
}

/**
 * Symbols of examples whose class is known. They have batches of their own, of which inference and
 * energy learn just before each update.
 */
export interface LabelledBatches<Batch> {
  readonly labelled: DataSource<Batch>;
  /** The most examples of such a batch. */
  readonly batchSize: number;
}

/** What the model is given and does not make, such as the turns before a reply. */
export interface ContextOptions<Batch, S extends TensorTree> {
  /** c of what is observed, `[batch, k]`. */
  readonly network: Layer<TensorTree, S>;
  readonly optimizer: Optimizer;
  /** Examples whose contexts samples have that are drawn without a batch. */
  readonly data: { load(): Promise<{ readonly size: number; take(indices: Int32Array): Batch }> };
}

/** Weights of the terms of the loss beside -log p(x | z). */
export interface DiffusionWeights {
  /** Of the divergence of q(z | x) from the prior, and of the contrast that learns it. Default 1. */
  readonly divergence?: number;
  /** Of the mutual information of latent and symbol. Default 0.05. */
  readonly information?: number;
  /** Of the cross-entropy of given symbols. Default 0.05. */
  readonly symbols?: number;
}

export interface LatentDiffusionOptions<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Y extends TensorTree = tf.Tensor,
  S extends X = X,
> {
  /**
   * From z `[batch, d]`, or [z, c] `[batch, d + k]`, to anything that the observation model takes.
   */
  readonly generator: Layer<G, tf.Tensor, Y>;
  /** p(x | g(z)). */
  readonly observation: ObservationModel<X, Y>;
  /** q(z | x). */
  readonly inference: NormalInference<I, S>;
  /** Logits f(y, t), `[batch, symbols]`, of `{ image: y, condition: t }`, and `context` c. */
  readonly network: Layer<E, ConditionedInContext>;
  /**
   * With a context, generator and prior are given c. No gradient of the energies reaches c. Inference
   * reads the context in what is observed by itself. Default: there is none.
   */
  readonly context?: ContextOptions<Batch, S>;
  /** C, the number of symbols. */
  readonly symbols: number;
  /** Default `ladder.recovery(6)`. `ladder.full(1)` makes it the one-level model. */
  readonly ladder?: Ladder;
  /**
   * - "tilted" (default): the noisiest energy tilts N(0, I), as in the released code.
   * - "conditional": it has the form of the others.
   * - "marginal": it is a density by itself.
   */
  readonly top?: TopLevel;
  /** Langevin chains of every level. Default 50 steps, with b² = 2e-3. */
  readonly chain?: { readonly steps: number; readonly stepSizes?: Float64Array };
  /** Default "step": E(y, t) = -log Σ exp(f)/s_t², as in the released code. */
  readonly energyScale?: EnergyScale;
  readonly weights?: DiffusionWeights;
  /**
   * A dimension whose -½(1 + log σ²) is not above this has no gradient from the entropy of q(z | x).
   * Default: all have.
   */
  readonly freeBits?: number;
  /** The class of each example, int32 `[batch]`. -1 means unknown. For scores, and to learn from. */
  readonly labels?: (batch: Batch) => tf.Tensor1D;
  /** Where given symbols come from. Default: there are none. */
  readonly supervision?: "labels" | Clustering<Batch> | LabelledBatches<Batch> | undefined;
  /** Where class samples are given their symbol: at level 0, or at all levels. Default "bottom". */
  readonly symbolLevels?: "bottom" | "all";
  readonly optimizers: { readonly generator: Optimizer; readonly inference: Optimizer; readonly energy: Optimizer };
  /** The observation, with its context where there is one. */
  readonly observe: (batch: Batch) => S;
}

export interface ResolvedDiffusion<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
  S extends X = X,
> extends Omit<
  LatentDiffusionOptions<G, I, E, Batch, X, Y, S>,
  "ladder" | "top" | "chain" | "energyScale" | "weights"
> {
  readonly levels: Levels;
  readonly top: TopLevel;
  readonly chain: { readonly steps: number; readonly stepSizes: Float64Array };
  readonly weights: Required<DiffusionWeights>;
  /** Present where symbols come from clusters. */
  readonly clustering?: ClusteringSettings & Pick<Clustering<Batch>, "data" | "every">;
  /** Present where labelled examples have batches of their own. */
  readonly labelled?: LabelledBatches<Batch>;
}

const mostSteps = 10_000;

/** Checks the options and fills in defaults. @throws ValidationError */
export function resolveDiffusion<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Y extends TensorTree = tf.Tensor,
  S extends X = X,
>(options: LatentDiffusionOptions<G, I, E, Batch, X, Y, S>): ResolvedDiffusion<G, I, E, Batch, X, Y, S> {
  const { symbols, ladder = ladders.recovery(6), top = "tilted", energyScale = "step", supervision } = options;
  const { steps = 50, stepSizes = langevinSteps(ladder, 2e-3) } = options.chain ?? {};
  const weights = { divergence: 1, information: 0.05, symbols: 0.05, ...options.weights };
  assertPositiveInteger({ symbols });
  assertCount({ "chain.steps": steps }, mostSteps);
  assertNonNegative({
    "weights.divergence": weights.divergence,
    "weights.information": weights.information,
    "weights.symbols": weights.symbols,
  });
  const labelled = typeof supervision === "object" && "labelled" in supervision && supervision;
  if (labelled) assertPositiveInteger({ "supervision.batchSize": labelled.batchSize });
  if ((supervision === "labels" || labelled) && options.labels === undefined)
    fail("supervision is by labels and there are none", "labels", "name where a batch has them");
  const levels = levelsOf({ ladder, top, energyScale, time: "index", stepSizes });
  const clustering = typeof supervision === "object" && "every" in supervision && clusteringOf(supervision, options);
  return {
    ...{ ...options, levels, top, chain: { steps, stepSizes }, weights },
    ...(clustering && { clustering }),
    ...(labelled && { labelled }),
  };
}

function clusteringOf<Batch>(
  { data, every, components: most, unit = true, restarts = 8 }: Clustering<Batch>,
  {
    inference: { dimension },
    symbols,
  }: { readonly inference: { readonly dimension: number }; readonly symbols: number },
) {
  const components = most ?? Math.min(3, dimension);
  assertPositiveInteger({ "supervision.every": every, "supervision.components": components });
  if (components > dimension)
    fail(`supervision.components is ${components}`, `at most ${dimension}, the numbers of a latent`);
  return { data, every, components, unit, restarts, dimension, symbols };
}
