/**
 * One iteration of translation between two sides, as a pure function.
 *
 * 1. The translators make ŷ = G_XY(x) and x̂ = G_YX(y), and the chains of the energies revise them
 *    to ỹ and x̃. Both are constants from here on.
 * 2. The energies descend mean E_Y(y) - mean E_Y(ỹ) and mean E_X(x) - mean E_X(x̃).
 * 3. The translators descend, in one step,
 *    w_T [mean (G_XY(x) - ỹ)² + mean (G_YX(y) - x̃)²]
 *    + λ_X d(G_YX(G_XY(x)), x) + λ_Y d(G_XY(G_YX(y)), y)
 *    + μ [λ_Y d(G_XY(y), y) + λ_X d(G_YX(x), x)].
 *
 * Xie, Zheng, Fang, Zhu and Wu, "Learning Cycle-Consistent Cooperative Networks via Alternating
 * MCMC Teaching for Unsupervised Cross-Domain Translation", arXiv 2103.04285. The chain runs once,
 * under the energies before the iteration; the authors' code runs it anew for every update.
 *
 * Sequences (x0, x1, x2) add predictors, as Bansal et al., "Recycle-GAN: Unsupervised Video
 * Retargeting", arXiv 1808.05174, with energies and teaching in place of discriminators:
 *    d(P_X(x0, x1), x2) for the predictor of x, and for the translators
 *    d(G_YX(P_Y(G_XY(x0), G_XY(x1))), x2), and both the other way.
 */
import {
  globalNorm,
  perPart,
  refreshed,
  skipUnsound,
  trainedGradient,
  type Optimizer,
  type SkipUnsoundState,
} from "@ergodic/nn";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { revised } from "../chain.js";
import { energyGradient } from "../contrast.js";
import { absoluteError, brightnessCorrelation, errorOf, squaredError } from "./errors.js";
import type { ResolvedTranslation, Temporal } from "./options.js";
import { bothSides, named, other, toward, type Directions, type Side, type Sides } from "./sides.js";

/** Parameters of the networks. One direction needs `translators.toY`, and `energyY` to refine. */
export type TranslationParams = {
  readonly energyX: TensorTree;
  readonly energyY: TensorTree;
  readonly translators: Directions<TensorTree>;
  readonly predictors?: Sides<TensorTree>;
};

export type TranslationState = {
  readonly params: TranslationParams;
  readonly optimizer: SkipUnsoundState<TensorTree>;
};

/** Frames of each side in order, `[batch, ...]` each: one where the data are no sequences. */
export type SeenFrames = Sides<readonly tf.Tensor[]>;

/** The parameters of the joint step. */
type Moving = Pick<TranslationParams, "translators" | "predictors">;

export const energyParams = (params: TranslationParams, side: Side): TensorTree =>
  side === "x" ? params.energyX : params.energyY;

/** Frames one after the other on the batch axis. */
const joined = (frames: readonly tf.Tensor[]): tf.Tensor =>
  frames.length === 1 ? frames[0]! : tf.concat([...frames], 0);

const parted = (frames: tf.Tensor, count: number): tf.Tensor[] => (count === 1 ? [frames] : tf.split(frames, count));

const total = (terms: readonly tf.Tensor[]): tf.Tensor => terms.reduce((sum, term) => tf.add(sum, term));

/** The first state, and the step from one state to the next. */
export function translationLearning(options: ResolvedTranslation, temporal?: Temporal) {
  const { energies, energyOf, translators, chain, weights, penalty } = options;
  const distance = errorOf[options.error];
  const optimizer = skipUnsound(
    perPart({ ...options.optimizers, ...(temporal && { predictors: temporal.optimizer }) }) as Optimizer,
  );

  /** Calls of a network in a loss. Equal numbers draw equal dropout. */
  const call = { make: 0, cycle: 2, identity: 4, recycle: 6, predict: 8, foretell: 10 } as const;
  const learningOf = (key: Key, which: keyof typeof call, side: Side) => ({
    key: random.fold(key, call[which] + (side === "x" ? 0 : 1)),
  });
  const translate = (moving: Moving, side: Side, input: tf.Tensor, key: Key, which: keyof typeof call): tf.Tensor =>
    toward(translators, side).apply(toward(moving.translators, side), input, learningOf(key, which, side));
  const predict = (moving: Moving, side: Side, frames: readonly tf.Tensor[], key: Key, which: keyof typeof call) =>
    temporal!.predictors[side].apply(
      moving.predictors![side],
      tf.concat(frames.slice(-2), -1),
      learningOf(key, which, side),
    );

  /** The frames of a side that are translated: all but the last of a sequence. */
  const inputs = (frames: readonly tf.Tensor[]): readonly tf.Tensor[] =>
    temporal === undefined ? frames : frames.slice(0, -1);

  interface Made {
    /** Translated frames, joined. */
    readonly translated: tf.Tensor;
    /** The predicted translation of the last frame. */
    readonly predicted: tf.Tensor | undefined;
    /** What is revised and taught: frames joined. */
    readonly taught: tf.Tensor;
  }

  /** What the networks make on a side. `foreteller` has the predictors. */
  const make = (moving: Moving, foreteller: Moving, seen: SeenFrames, key: Key, side: Side): Made => {
    const source = inputs(seen[other(side)]);
    const translated = translate(moving, side, joined(source), key, "make");
    if (temporal === undefined) return { translated, predicted: undefined, taught: translated };
    const predicted = predict(foreteller, side, parted(translated, source.length), key, "foretell");
    return { translated, predicted, taught: temporal.teachPrediction ? joined([translated, predicted]) : translated };
  };

  /** The loss of the translators and predictors, and its parts. */
  const jointLoss =
    (seen: SeenFrames, revisions: Sides<tf.Tensor>, fixed: Moving, key: Key) =>
    (moving: Moving): readonly [tf.Tensor, Record<string, tf.Tensor>] => {
      const foreteller = temporal?.recyclePredictors === false ? fixed : moving;
      const made = bothSides((side) => make(moving, foreteller, seen, key, side));
      const teaching = bothSides((side) => squaredError(made[side].taught, revisions[side]));
      const sources = bothSides((side) => joined(inputs(seen[side])));
      const returned = (side: Side): tf.Tensor => translate(moving, side, made[other(side)].translated, key, "cycle");
      const cycled = weights.cycle.x + weights.cycle.y > 0 ? bothSides(returned) : undefined;
      const cycle = cycled && bothSides((side) => distance(cycled[side], sources[side]));
      const identity =
        weights.identity === 0
          ? undefined
          : bothSides((side) => distance(translate(moving, side, sources[side], key, "identity"), sources[side]));
      const recycle =
        temporal &&
        bothSides((side) =>
          distance(translate(moving, side, made[other(side)].predicted!, key, "recycle"), seen[side].at(-1)!),
        );
      const prediction =
        temporal &&
        bothSides((side) => distance(predict(moving, side, inputs(seen[side]), key, "predict"), seen[side].at(-1)!));
      const weighted = (weight: Sides<number>, errors: Sides<tf.Tensor> | undefined): tf.Tensor[] =>
        errors === undefined
          ? []
          : (["x", "y"] as const).flatMap((side) => (weight[side] === 0 ? [] : [tf.mul(weight[side], errors[side])]));
      const always = (weight: number): Sides<number> => ({ x: weight, y: weight });
      const terms = [
        ...weighted(always(weights.teaching), teaching),
        ...weighted(weights.cycle, cycle),
        ...weighted({ x: weights.identity * weights.cycle.x, y: weights.identity * weights.cycle.y }, identity),
        ...(temporal ? weighted(always(temporal.weights.recycle), recycle) : []),
        ...(temporal ? weighted(always(temporal.weights.prediction), prediction) : []),
      ];
      return [
        terms.length === 0 ? tf.mul(0, teaching.x) : total(terms),
        {
          ...named("teaching", teaching),
          ...(cycled &&
            named(
              "cycle",
              bothSides((side) => absoluteError(cycled[side], sources[side])),
            )),
          ...(identity && named("identity", identity)),
          ...(recycle && named("recycle", recycle)),
          ...(prediction && named("prediction", prediction)),
        },
      ];
    };

  const isImage = ({ rank }: tf.Tensor): boolean => rank === 4;

  return {
    init(key: Key): TranslationState {
      const [energyX, energyY, toX, toY, ofX, ofY] = random.split(key, 6) as [Key, Key, Key, Key, Key, Key];
      const params: TranslationParams = {
        energyX: energies.x.init(energyX),
        energyY: energies.y.init(energyY),
        translators: { toX: translators.toX.init(toX), toY: translators.toY.init(toY) },
        ...(temporal && { predictors: { x: temporal.predictors.x.init(ofX), y: temporal.predictors.y.init(ofY) } }),
      };
      return { params, optimizer: optimizer.init(params) };
    },

    step(state: TranslationState, seen: SeenFrames, key: Key) {
      const { params } = state;
      const [networkKey, chainKey, energyKey] = random.split(key, 3) as [Key, Key, Key];
      const begun: Moving = {
        translators: params.translators,
        ...(params.predictors && { predictors: params.predictors }),
      };
      // The loss makes the same numbers, with the same keys: compiled, they are computed once.
      const made = bothSides((side) => make(begun, begun, seen, networkKey, side));
      const sources = bothSides((side) => joined(inputs(seen[side])));
      const models = bothSides((side) => energyOf(side, sources[other(side)]));
      const revisions = bothSides((side) =>
        revised(chain, (at) => models[side].energy(energyParams(params, side), at), made[side].taught, {
          key: random.fold(chainKey, side === "x" ? 0 : 1),
        }),
      );
      const contrasts = bothSides((side) =>
        energyGradient(
          models[side],
          energyParams(params, side),
          { data: joined(seen[side]), revised: revisions[side] },
          { penalty, key: random.fold(energyKey, side === "x" ? 0 : 1) },
        ),
      );
      const joint = trainedGradient(jointLoss(seen, revisions, begun, networkKey), { hasAux: true })(begun);
      const grads = { energyX: contrasts.x.grad, energyY: contrasts.y.grad, ...joint.grad };
      const moved = optimizer.update(params, grads as unknown as Trained<TranslationParams>, state.optimizer);
      const next = moved.params;
      const fresh: TranslationParams = {
        energyX: refreshed(models.x, next.energyX, joined(seen.x)),
        energyY: refreshed(models.y, next.energyY, joined(seen.y)),
        translators: {
          toX: refreshed(translators.toX, next.translators.toX, sources.y),
          toY: refreshed(translators.toY, next.translators.toY, sources.x),
        },
        ...(temporal && {
          predictors: bothSides((side) =>
            refreshed(temporal.predictors[side], next.predictors![side], tf.concat(inputs(seen[side]).slice(-2), -1)),
          ),
        }),
      };
      const alike = isImage(sources.x) && isImage(sources.y);
      const metrics: Readonly<Record<string, tf.Tensor>> = {
        loss: joint.value,
        ...named(
          "energyGap",
          bothSides((side) => contrasts[side].gap),
        ),
        ...named(
          "displacement",
          bothSides((side) => absoluteError(revisions[side], made[side].taught)),
        ),
        ...joint.aux,
        ...(alike &&
          named(
            "correlation",
            bothSides((side) => brightnessCorrelation(sources[other(side)], made[side].translated)),
          )),
        ...named(
          "energyGradientNorm",
          bothSides((side) => globalNorm(contrasts[side].grad as TensorTree)),
        ),
        translatorGradientNorm: globalNorm(joint.grad.translators as TensorTree),
        ...optimizer.metrics!(moved.state),
      };
      return { state: { params: fresh, optimizer: moved.state }, metrics };
    },
  };
}
