/** Cycle-consistent cooperative networks as a learner. */
import { compile } from "@ergodic/engine";
import { assertFunction, readScalars } from "@ergodic/tensor";
import type { Learner, Translation } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { describeChain } from "../chain.js";
import { translationLearning, type SeenFrames, type TranslationState } from "./learning.js";
import { resolveTranslation, type TranslationOptions } from "./options.js";
import { bothSides, type Sides } from "./sides.js";
import { translations } from "./translate.js";

export interface CycleCoopNetsOptions<Batch> extends TranslationOptions {
  /**
   * The examples of each side, `[batch, ...]`. Example i of one does not belong to example i of the
   * other.
   */
  readonly observe: (batch: Batch) => Sides<tf.Tensor>;
}

export interface CycleCoopNetsLearner<Batch> extends Learner<TranslationState, Batch> {
  readonly translation: Translation<TranslationState, Batch>;
}

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
export function cycleCoopNets<Batch>(given: CycleCoopNetsOptions<Batch>): CycleCoopNetsLearner<Batch> {
  const options = resolveTranslation(given);
  const { observe, chain } = options;
  assertFunction({ observe });
  const { init, step } = translationLearning(options);
  const update = compile(step);
  const { about, translate, dispose } = translations(options);
  return {
    init: async (key) => init(key),
    async update(state: TranslationState, batch, { key }) {
      const seen = observe(batch);
      const frames: SeenFrames = bothSides((side) => [seen[side]]);
      const next = await update(state, frames, key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    translation: {
      ...about,
      observe,
      translate: ({ params }, x, how) => translate(params, x, how),
    },
    describe: () => `cycle-consistent cooperative networks; ${describeChain(chain)}`,
    async dispose() {
      await Promise.all([update.dispose(), dispose()]);
    },
  };
}
