/** A model's scores of examples. */
import type * as tf from "@tensorflow/tfjs-core";
import type { IndexedDataset } from "@ergodic/data";
import { fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { OnProgress } from "../progress.js";

/** The score of each example of a batch, `[batch]`: higher is more anomalous. */
export type ScoreBatch = (batch: unknown, key: Key) => Promise<tf.Tensor1D>;

/** Several scores of each example of a batch by name, `[batch]` each. */
export type NamedScores = (batch: unknown, key: Key) => Promise<Readonly<Record<string, tf.Tensor1D>>>;

/**
 * The scores of a batch.
 *
 * @throws ValidationError for scores that are not `[batch]`
 */
export const scoresOfBatch = async (score: ScoreBatch, batch: unknown, key: Key): Promise<ArrayLike<number>> =>
  readScores(await score(batch, key));

/**
 * The numbers of scores, which are disposed.
 *
 * @throws ValidationError for scores that are not `[batch]`
 */
export async function readScores(values: tf.Tensor1D): Promise<ArrayLike<number>> {
  if (values.rank !== 1 || values.size === 0)
    fail(`score() returned the shape [${values.shape.join(", ")}]`, "[batch], one number each");
  const scores = await values.data<"float32">();
  values.dispose();
  return scores;
}

/** Examples in one compiled call. */
const chunk = 50;

export interface ExampleScoring {
  readonly score: ScoreBatch;
  readonly key: Key;
  /** Maximum number of examples. */
  readonly n: number;
  /** A name of the examples, for progress. */
  readonly what: string;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * The score of each example, in order. Of more than `n` examples a random part of that size.
 *
 * All examples are scored with the same random numbers, those of `random.equalRows(key)`: up to
 * rounding, the score of an example depends on this example and the key alone.
 */
export async function exampleScores(data: IndexedDataset<unknown>, scoring: ExampleScoring): Promise<Float64Array> {
  const { score, key, n, what, onProgress } = scoring;
  const chosen = chosenExamples(data.size, n, random.fold(key, 1));
  const shared = random.equalRows(key);
  const scores = new Float64Array(chosen.length);
  for (let at = 0; at < chosen.length; at += chunk) {
    onProgress?.({ what: `scoring ${what}`, done: at, of: chosen.length });
    const batch = data.take(chosen.subarray(at, at + chunk));
    scores.set(await scoresOfBatch(score, batch, shared), at);
    tree.dispose(batch as TensorTree);
  }
  return scores;
}

/** All examples, or `n` of them, in order. */
function chosenExamples(size: number, n: number, key: Key): Int32Array {
  if (size <= n) return Int32Array.from({ length: size }, (_, i) => i);
  return random.host.permutation(key, size).subarray(0, n).sort();
}
