/** Options of translation between two sides, and their defaults. */
import { given, type ConditionalEnergy, type EnergyModel } from "@ergodic/energies";
import type { Layer, Optimizer } from "@ergodic/nn";
import { assertNonNegative, assertOneOf } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { assertChain, type RevisionChain } from "../chain.js";
import type { Directions, Side, Sides } from "./sides.js";

/** Weights of the losses of the translators. All losses are means over examples and numbers. */
export interface TranslationWeights {
  /** w_T of mean (G(x) - ỹ)², and the same back. Default 1. */
  readonly teaching?: number;
  /** λ of the cycle error in each side, |G_YX(G_XY(x)) - x|. Default 10 and 10. */
  readonly cycle?: Sides<number>;
  /** μ: G_XY(y) should be y, and G_YX(x) x. It is multiplied by λ of the side. Default 0. */
  readonly identity?: number;
}

export interface TranslationOptions<Energy = EnergyModel> {
  /** E_X and E_Y; the papers' f is -E. */
  readonly energies: Sides<Energy>;
  /** G_YX and G_XY. */
  readonly translators: Directions<Layer>;
  /** The chain from a translation ŷ to its revision ỹ. */
  readonly chain: RevisionChain;
  readonly weights?: TranslationWeights;
  /** The error of cycles and identities: the mean of |a - b| or of (a - b)². Default "absolute". */
  readonly error?: "absolute" | "squared";
  /** a, the weight of squared energies in the losses of the energies. Default 0. */
  readonly penalty?: number;
  readonly optimizers: { readonly energyX: Optimizer; readonly energyY: Optimizer; readonly translators: Optimizer };
}

/**
 * What an iteration needs beside the networks. Sequences have predictors and the terms with them.
 */
export interface Temporal {
  /** P_X and P_Y, from two frames side by side on the last axis to the next. */
  readonly predictors: Sides<Layer>;
  readonly optimizer: Optimizer;
  readonly weights: { readonly recycle: number; readonly prediction: number };
  /**
   * Whether predictors learn from the recycle term too. Otherwise it moves the translators alone.
   */
  readonly recyclePredictors: boolean;
  /** Whether the predicted translation P_Y(ŷ0, ŷ1) is revised and taught too. */
  readonly teachPrediction: boolean;
}

/** The energy of a side as the chain and its loss take it, given the examples it goes with. */
export type EnergyOf = (side: Side, source: tf.Tensor) => EnergyModel;

/**
 * The options with defaults.
 *
 * @throws ValidationError for an option out of range.
 */
function resolved<O extends TranslationOptions<unknown>>(options: O) {
  const { chain, weights = {}, error = "absolute", penalty = 0 } = options;
  const { teaching = 1, cycle = { x: 10, y: 10 }, identity = 0 } = weights;
  assertChain(chain);
  assertNonNegative({
    "weights.teaching": teaching,
    "weights.cycle.x": cycle.x,
    "weights.cycle.y": cycle.y,
    "weights.identity": identity,
    penalty,
  });
  assertOneOf({ error }, ["absolute", "squared"]);
  return { ...options, weights: { teaching, cycle, identity }, error, penalty };
}

/** Options of energies of single examples. */
export function resolveTranslation<O extends TranslationOptions>(options: O) {
  const energyOf: EnergyOf = (side) => options.energies[side];
  return { ...resolved(options), energyOf };
}

/** Options of energies E_Y(y; x) and E_X(x; y) of pairs. Cycles have no weight by default. */
export function resolvePaired<O extends TranslationOptions<ConditionalEnergy>>(options: O) {
  const energyOf: EnergyOf = (side, source) => given(options.energies[side], source);
  return { ...resolved({ ...options, weights: { cycle: { x: 0, y: 0 }, ...options.weights } }), energyOf };
}

export type ResolvedTranslation =
  | ReturnType<typeof resolveTranslation<TranslationOptions>>
  | ReturnType<typeof resolvePaired<TranslationOptions<ConditionalEnergy>>>;
