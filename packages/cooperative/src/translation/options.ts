/** Options of translation between two sides, and their defaults. */
import type { EnergyModel } from "@ergodic/energies";
import type { Layer, Optimizer } from "@ergodic/nn";
import { assertNonNegative, assertOneOf } from "@ergodic/tensor";
import { assertChain, type RevisionChain } from "../chain.js";
import type { Directions, Sides } from "./sides.js";

/** Weights of the losses of the translators. All losses are means over examples and numbers. */
export interface TranslationWeights {
  /** w_T of mean (G(x) - ỹ)², and the same back. Default 1. */
  readonly teaching?: number;
  /** λ of the cycle error in each side, |G_YX(G_XY(x)) - x|. Default 10 and 10. */
  readonly cycle?: Sides<number>;
  /** μ: G_XY(y) should be y, and G_YX(x) x. It is multiplied by λ of the side. Default 0. */
  readonly identity?: number;
}

export interface TranslationOptions {
  /** E_X and E_Y; the papers' f is -E. */
  readonly energies: Sides<EnergyModel>;
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

/**
 * The options with defaults.
 *
 * @throws ValidationError for an option out of range.
 */
export function resolveTranslation<O extends TranslationOptions>(options: O) {
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

export type ResolvedTranslation = ReturnType<typeof resolveTranslation<TranslationOptions>>;
