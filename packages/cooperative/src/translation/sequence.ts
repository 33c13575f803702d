/** Cooperative networks of unpaired sequences as a learner. */
import { compile } from "@ergodic/engine";
import type { Layer, Optimizer } from "@ergodic/nn";
import { assertFunction, assertNonNegative, fail, readScalars, type Key } from "@ergodic/tensor";
import type { Learner, Translation } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { describeChain } from "../chain.js";
import { translationLearning, type TranslationParams, type TranslationState } from "./learning.js";
import { resolveTranslation, type Temporal, type TranslationOptions, type TranslationWeights } from "./options.js";
import { assertSide, bothSides, type Side, type Sides } from "./sides.js";
import { translations } from "./translate.js";

export interface SequenceCoopNetsOptions<Batch> extends Omit<TranslationOptions, "weights" | "optimizers"> {
  /** P_X and P_Y, from two frames side by side on the last axis to the next frame. */
  readonly predictors: Sides<Layer>;
  readonly weights?: TranslationWeights & {
    /** Of |G_YX(P_Y(G_XY(x0), G_XY(x1))) - x2| and the same back. Default 10. */
    readonly recycle?: number;
    /** Of |P_X(x0, x1) - x2| and the same of y. Default 10. */
    readonly prediction?: number;
  };
  /**
   * Whether the predictors learn from the recycle term too, or from the data alone. Default true.
   */
  readonly recyclePredictors?: boolean;
  /**
   * Whether the predicted translation of the last frame is refined and taught too. Default true.
   */
  readonly teachPrediction?: boolean;
  readonly optimizers: TranslationOptions["optimizers"] & { readonly predictors: Optimizer };
  /** Three consecutive frames of each side, `[batch, ...]` each. The sides are not paired. */
  readonly observe: (batch: Batch) => Sides<readonly tf.Tensor[]>;
}

export interface SequenceCoopNetsLearner<Batch> extends Learner<TranslationState, Batch> {
  readonly translation: Translation<TranslationState, Batch> &
    Required<Pick<Translation<TranslationState, Batch>, "predict">>;
}

/**
 * Learns to translate frames between two sets of sequences without pairs.
 *
 * Beside energies and translators, each side has a predictor of its next frame. A sequence that is
 * translated, predicted there and brought back should be its own next frame. So the dynamics of
 * both sides, which single frames do not show, decide what belongs together. Translation itself
 * takes single frames.
 *
 * Sources: Xie et al., "Learning Cycle-Consistent Cooperative Networks via Alternating MCMC
 * Teaching for Unsupervised Cross-Domain Translation", arXiv 2103.04285, whose code has no
 * sequences; Bansal et al., "Recycle-GAN", arXiv 1808.05174, for predictors and the recycle loss.
 * The weight of plain cycles is 0 by default, as in the latter.
 *
 * @throws ValidationError for an option out of range; from `update` for other than three frames.
 */
export function sequenceCoopNets<Batch>(given: SequenceCoopNetsOptions<Batch>): SequenceCoopNetsLearner<Batch> {
  const { observe, predictors, weights = {}, recyclePredictors = true, teachPrediction = true } = given;
  const { recycle = 10, prediction = 10, ...shared } = weights;
  assertFunction({ observe });
  assertNonNegative({ "weights.recycle": recycle, "weights.prediction": prediction });
  const { predictors: predictorOptimizer, ...optimizers } = given.optimizers;
  const options = resolveTranslation({ ...given, optimizers, weights: { cycle: { x: 0, y: 0 }, ...shared } });
  const temporal: Temporal = {
    ...{ predictors, recyclePredictors, teachPrediction },
    optimizer: predictorOptimizer,
    weights: { recycle, prediction },
  };
  const { init, step } = translationLearning(options, temporal);
  const update = compile(step);
  const { about, translate, dispose } = translations(options);
  const next = compile((params: TranslationParams, frames: readonly [tf.Tensor, tf.Tensor], side: Side) =>
    predictors[side].apply(params.predictors![side], tf.concat([...frames], -1)),
  );

  const framesOf = (batch: Batch): Sides<readonly tf.Tensor[]> => {
    const seen = observe(batch);
    for (const side of ["x", "y"] as const)
      if (seen[side].length !== 3)
        fail(`a sequence of ${side} has ${seen[side].length} frames`, "3", "load sequences with length: 3");
    return seen;
  };
  return {
    init: async (key: Key) => init(key),
    async update(state: TranslationState, batch, { key }) {
      const after = await update(state, framesOf(batch), key);
      return { state: after.state, metrics: await readScalars(after.metrics) };
    },
    translation: {
      ...about,
      observe: (batch) => {
        const seen = framesOf(batch);
        return bothSides((side) => tf.stack([...seen[side]], 1));
      },
      translate: ({ params }, x, how) => translate(params, x, how),
      async predict({ params }, frames, side) {
        assertSide("side", side);
        return next(params, frames, side);
      },
    },
    describe: () => `cooperative networks of sequences; ${describeChain(options.chain)}`,
    async dispose() {
      await Promise.all([update.dispose(), next.dispose(), dispose()]);
    },
  };
}
