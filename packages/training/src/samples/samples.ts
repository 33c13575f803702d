/** Samples of a model by kind: the one contract for showing model output. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { describeValue, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import { disposeTensors } from "../dispose.js";

/**
 * What observations show:
 *
 * - `images`: `[n, height, width, 1 | 3 | 4]` in [-1, 1].
 * - `points`: `[n, d]`.
 * - `sequences` of images: `[n, time, height, width, 1 | 3 | 4]` in [-1, 1].
 * - `text`: `[n, ...]`. `textOf` turns the numbers of one example into a text.
 */
export type Samples =
  | { readonly kind: "images" | "points" | "sequences"; readonly values: tf.Tensor }
  | { readonly kind: "text"; readonly values: tf.Tensor; textOf(example: readonly number[]): string };

export type SampleKind = Samples["kind"];

/**
 * Samples, or a tensor whose kind follows from its rank: 2 is points, 4 is images, 5 is sequences
 * of images.
 */
export type Shown = Samples | tf.Tensor;

/**
 * What observations show. It is called outside compiled functions. The tensors that it creates are
 * disposed.
 */
export type Show = (observations: TensorTree) => Shown;

/** Samples on the host. */
export type HostSamples =
  | {
      readonly kind: "images" | "points" | "sequences";
      readonly values: ArrayLike<number>;
      readonly shape: readonly number[];
    }
  | { readonly kind: "text"; readonly texts: readonly string[] };

const kinds: Readonly<Record<number, "images" | "points" | "sequences">> = { 2: "points", 4: "images", 5: "sequences" };

/**
 * The samples that observations show. Their tensor may be one of the observations.
 *
 * @param show default: the kind follows from the rank of the tensor
 * @throws ValidationError for observations whose kind is not known
 */
export function samplesOf(observations: TensorTree, show: Show | undefined): Samples {
  const shown = show === undefined ? observations : (tidy(() => show(observations) as never) as Shown);
  if (!(shown instanceof tf.Tensor)) {
    if ("kind" in shown && !(shown.kind instanceof tf.Tensor) && typeof shown.kind === "string")
      return shown as Samples;
    return unknownKind(`observations are ${describeTree(observations)}`);
  }
  const kind = kinds[shown.rank];
  return kind === undefined ? unknownKind(`samples have shape [${shown.shape.join(", ")}]`) : { kind, values: shown };
}

function unknownKind(found: string): never {
  throw new ValidationError(
    `${found}; expected images [n, height, width, 1 | 3 | 4], points [n, d] or sequences [n, time, height, width, 1 | 3 | 4]. ` +
      "Give the learner show(observations), which says what they are.",
  );
}

const describeTree = (observations: TensorTree): string =>
  tree.isLeaf(observations) ? describeValue(observations) : `a tree of ${tree.paths(observations).join(", ")}`;

/**
 * Reads what observations show. The observations are kept. Tensors made for showing are disposed.
 */
export async function readSamples(observations: TensorTree, show?: Show): Promise<HostSamples> {
  const samples = samplesOf(observations, show);
  const { values, kind } = samples;
  const { shape } = values;
  const numbers = await values.data();
  disposeTensors(values, [observations]);
  if (samples.kind !== "text") return { kind: samples.kind, values: numbers, shape };
  const [n = 0] = shape;
  const size = n === 0 ? 0 : numbers.length / n;
  const texts = Array.from({ length: n }, (_, i) =>
    samples.textOf(Array.from(numbers.slice(i * size, (i + 1) * size) as ArrayLike<number>)),
  );
  return { kind: kind as "text", texts };
}
