/** Translation of single examples as a learner. */
import { compile } from "@ergodic/engine";
import { assertFunction, readScalars } from "@ergodic/tensor";
import type { Learner, Translation } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { describeChain } from "../chain.js";
import { translationLearning, type SeenFrames, type TranslationState } from "./learning.js";
import type { ResolvedTranslation } from "./options.js";
import { bothSides, type Sides } from "./sides.js";
import { translations } from "./translate.js";

export interface TranslationLearner<Batch> extends Learner<TranslationState, Batch> {
  readonly translation: Translation<TranslationState, Batch>;
}

/**
 * The learner of resolved options. Each example is a sequence of one frame.
 *
 * @param name what the learner is called in its description
 */
export function translationLearner<Batch>(
  options: ResolvedTranslation & { readonly observe: (batch: Batch) => Sides<tf.Tensor> },
  name: string,
): TranslationLearner<Batch> {
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
    describe: () => `${name}; ${describeChain(chain)}`,
    async dispose() {
      await Promise.all([update.dispose(), dispose()]);
    },
  };
}
