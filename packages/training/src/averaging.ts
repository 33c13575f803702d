/** The moving average of a run's parameters: the EMA of `@ergodic/tensor`, compiled. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { ema, type TensorTree } from "@ergodic/tensor";

/** A compiled moving average. Its functions dispose nothing. The caller owns the results. */
export interface Averaging {
  /** The average before the first iteration: a copy of the parameters. */
  start(params: TensorTree): TensorTree;
  /** The average after iteration `iteration`, counted from 1. */
  next(average: TensorTree, params: TensorTree, iteration: number): Promise<TensorTree>;
  dispose(): Promise<void>;
}

/** @throws ValidationError for a decay outside (0, 1). */
export function movingAverage(decay: number): Averaging {
  const average = ema(decay);
  const next = compile((before: TensorTree, params: TensorTree, updates: tf.Scalar) =>
    average.next(before, params, updates),
  );
  return {
    start: (params) => average.start(params),
    async next(before, params, iteration) {
      const updates = tf.scalar(iteration);
      try {
        return await next(before, params, updates);
      } finally {
        updates.dispose();
      }
    },
    dispose: () => next.dispose(),
  };
}
