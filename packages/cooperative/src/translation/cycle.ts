/** Cycle-consistent cooperative networks as a learner. */
import type * as tf from "@tensorflow/tfjs-core";
import { translationLearner, type TranslationLearner } from "./learner.js";
import { resolveTranslation, type TranslationOptions } from "./options.js";
import type { Sides } from "./sides.js";

export interface CycleCoopNetsOptions<Batch> extends TranslationOptions {
  /**
   * The examples of each side, `[batch, ...]`. Example i of one does not belong to example i of the
   * other.
   */
  readonly observe: (batch: Batch) => Sides<tf.Tensor>;
}

export type CycleCoopNetsLearner<Batch> = TranslationLearner<Batch>;

/**
 * Learns to translate between two sides without pairs (CycleCoopNets).
 *
 * Each side has an energy and a translator towards it, which teach each other: the chain of the
 * energy revises translations, the energy learns from data and revisions, the translator from
 * revisions. Translating there and back should give the example again.
 *
 * Xie, Zheng, Fang, Zhu and Wu, "Learning Cycle-Consistent Cooperative Networks via Alternating
 * MCMC Teaching for Unsupervised Cross-Domain Translation", arXiv 2103.04285; they write f = -E.
 *
 * @throws ValidationError for an option out of range.
 */
export function cycleCoopNets<Batch>(options: CycleCoopNetsOptions<Batch>): CycleCoopNetsLearner<Batch> {
  return translationLearner(resolveTranslation(options), "cycle-consistent cooperative networks");
}
