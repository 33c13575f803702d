/** The objective of a score loss, at noise that may fall from update to update. */
import type { EnergyModel } from "@ergodic/energies";
import { noisy } from "@ergodic/noising";
import type { Energy } from "@ergodic/samplers";
import { assertNonNegative, random, type Key, type Schedule, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Objective } from "../objective.js";

/** The number of updates made. */
export type ScoreState = { readonly step: tf.Scalar };

export interface ScoreNoise {
  /**
   * σ of Gaussian noise that is added to the data. As a schedule it falls with the updates from the
   * distance of modes to the final blur, for example `exponentialDecay({ initial: 1, factor: 0.05,
   * every: 2_000, floor: 0.05 })`. Scores of little noise alone do not tell what modes far apart
   * weigh. Default 0.
   */
  readonly dataNoise?: number | Schedule;
}

type ScoreLoss = (
  energy: Energy,
  x: tf.Tensor,
  at: { readonly sigma: number | tf.Scalar; readonly key: Key },
) => tf.Tensor;

/** The objective of a loss that is told σ. */
export const scoreObjective =
  (sigma: number | Schedule, lossOf: ScoreLoss) =>
  <P extends TensorTree>(model: EnergyModel<P>): Objective<P, ScoreState> => ({
    init: () => ({ step: tf.scalar(0) }),
    begin: ({ x, state: { step }, key }) => ({
      loss: (params) => {
        const energy: Energy = (at: tf.Tensor) => model.energy(params, at, { key });
        const loss = lossOf(energy, x, { sigma: typeof sigma === "number" ? sigma : sigma(step), key });
        return [loss, { loss }];
      },
      state: { step: tf.add(step, 1) },
    }),
  });

/** The objective of a loss of x + σξ. @throws ValidationError for negative noise. */
export function noisyScoreObjective(
  { dataNoise = 0 }: ScoreNoise,
  lossOf: (energy: Energy, x: tf.Tensor, key: Key) => tf.Tensor,
) {
  if (typeof dataNoise === "number") assertNonNegative({ dataNoise });
  return scoreObjective(dataNoise, (energy, x, { sigma, key }) =>
    lossOf(energy, noisy(x, random.fold(key, 0), sigma), random.fold(key, 1)),
  );
}
