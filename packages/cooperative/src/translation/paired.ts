/** Cooperative networks of pairs as a learner: initialisers and solvers. */
import type { ConditionalEnergy } from "@ergodic/energies";
import type * as tf from "@tensorflow/tfjs-core";
import { translationLearner, type TranslationLearner } from "./learner.js";
import { resolvePaired, type TranslationOptions, type TranslationWeights } from "./options.js";
import type { Sides } from "./sides.js";

export interface PairedCoopNetsOptions<Batch> extends Omit<TranslationOptions<ConditionalEnergy>, "weights"> {
  /**
   * Default: teaching 1 and no cycles, as in the paper. Cycles ask that there and back is the
   * input, so that they suit pairs where each example determines the other.
   */
  readonly weights?: Omit<TranslationWeights, "identity">;
  /** The examples of each side, `[batch, ...]`. Example i of one belongs to example i of the other. */
  readonly observe: (batch: Batch) => Sides<tf.Tensor>;
}

/**
 * Learns to translate between two sides from pairs.
 *
 * Each side has a solver and an initialiser. The solver of y is the energy E(y; x), and its chain
 * revises the first guess of the initialiser, ŷ = G_XY(x), to ỹ, with x held fixed:
 *
 * - The energy descends mean E(y; x) - mean E(ỹ; x).
 * - The initialiser descends mean (G_XY(x) - ỹ)². It sees true y only through the energy.
 *
 * The same holds from y to x. `pairEnergy` of `@ergodic/energies` makes E(y; x) of any energy.
 *
 * Xie, Zheng, Fang, Zhu and Wu, "Cooperative Training of Fast Thinking Initializer and Slow Thinking
 * Solver for Conditional Learning", arXiv 1902.02812; they write f = -E, and give the initialiser
 * noise beside x. Here the initialiser has none, and only the noise of the chain tells the solutions
 * for one x apart.
 *
 * @throws ValidationError for an option out of range.
 */
export function pairedCoopNets<Batch>(options: PairedCoopNetsOptions<Batch>): TranslationLearner<Batch> {
  return translationLearner(resolvePaired(options), "cooperative networks of pairs");
}
