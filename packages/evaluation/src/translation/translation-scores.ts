/**
 * Scores of a model that translates between two sides, on pairs that it has never seen.
 *
 * Each direction is scored raw and refined by the chain of the model, beside two baselines: the
 * input itself as output, and the mean of the true examples.
 */
import type { IndexedDataset } from "@ergodic/data";
import { ensureEngine } from "@ergodic/engine";
import { fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { TranslationSide } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import type { FeatureExtractor } from "../features/extractor.js";
import { collectFeatures } from "../features/collect.js";
import { gaussianDiscrepancy } from "../gaussian-discrepancy.js";
import { imageArray } from "../images/streams.js";
import { kernelDistance } from "../kernel-distance.js";
import type { OnProgress } from "../progress.js";
import { meanRows, pairedScores, pairError, spread, type PairedScores, type Rows } from "./paired.js";
import { temporalScores, type TemporalScores } from "./temporal.js";

/** A trained model that translates. `steps` are those of its chain. */
export interface TranslationModel {
  readonly steps: number;
  observe(batch: never): { readonly x: tf.Tensor; readonly y: tf.Tensor };
  translate(
    examples: tf.Tensor,
    how: { readonly to: TranslationSide; readonly steps: number; readonly key: Key },
  ): Promise<tf.Tensor>;
  predict?(frames: readonly [tf.Tensor, tf.Tensor], side: TranslationSide): Promise<tf.Tensor>;
}

/** Scores of the outputs of one direction. Errors of images are shares of the range of a pixel. */
export interface OutputScores extends Partial<PairedScores> {
  /** Mean Euclidean distance to the true counterpart, for points. */
  readonly pairError?: number;
  /** Mean |output - input|, where both have one shape. */
  readonly change?: number;
  /**
   * Root mean squared distance between outputs over that between true examples; 0 is one output for
   * all.
   */
  readonly diversity: number;
  /** Unbiased squared maximum mean discrepancy from the true examples, for points. */
  readonly discrepancy?: number;
  /** Kernel distance of the features of a network from the true examples, for images. */
  readonly kid?: { readonly value: number; readonly sd: number; readonly subsetSize: number; readonly network: string };
  /** For sequences. */
  readonly temporal?: TemporalScores;
}

export interface DirectionScores {
  readonly to: TranslationSide;
  readonly examples: number;
  readonly raw: OutputScores;
  /** After `steps` steps of the chain. */
  readonly refined: OutputScores;
  readonly steps: number;
  /** The input as output, where both sides have one shape. */
  readonly identity?: OutputScores;
  /** The mean of the true examples as output. */
  readonly mean: OutputScores;
  /** Mean |there and back - input|; of points the mean Euclidean distance. */
  readonly cycle: number;
}

/** Scores towards each side. */
export interface TranslationScores {
  readonly x: DirectionScores;
  readonly y: DirectionScores;
}

export interface TranslationScoring {
  readonly model: TranslationModel;
  readonly pairs: IndexedDataset<unknown>;
  /** Maximum number of pairs. */
  readonly n: number;
  readonly key: Key;
  /** The network of the kernel distance of images. Default: none is computed. */
  readonly network?: FeatureExtractor | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** Pairs in one call of the model. */
const chunk = 100;

/** Most images in a subset of the kernel distance. */
const subset = 250;

/**
 * Scores both directions on the first `n` pairs.
 *
 * @throws ValidationError for examples that are neither images, points nor sequences of them, or
 *   fewer than two pairs
 */
export async function translationScores(scoring: TranslationScoring): Promise<TranslationScores> {
  const { pairs, n } = scoring;
  const count = Math.min(n, pairs.size);
  if (count < 2) fail(`there is ${count} pair`, "at least 2 pairs");
  const made = await translated(scoring, count);
  try {
    return { x: await directionScores(scoring, made, "x"), y: await directionScores(scoring, made, "y") };
  } finally {
    tree.dispose(made as unknown as TensorTree);
  }
}

/** All examples of a side, what the model makes of the other side, and that brought back. */
interface MadeSide {
  /** `[count, ...]`; frames of sequences lie one after the other. */
  readonly truth: tf.Tensor;
  readonly raw: tf.Tensor;
  readonly refined: tf.Tensor;
  /** The truth of this side, there and back. */
  readonly back: tf.Tensor;
  /** What the model predicts of its own raw output after two frames, and the frame itself. */
  readonly predictions: readonly tf.Tensor[];
}

interface Made {
  readonly x: MadeSide;
  readonly y: MadeSide;
  /** Frames of a sequence, 1 for single examples. */
  readonly time: tf.Scalar;
}

const other = (side: TranslationSide): TranslationSide => (side === "x" ? "y" : "x");

async function translated({ model, pairs, key, onProgress }: TranslationScoring, count: number): Promise<Made> {
  const parts: { readonly x: MadeSide; readonly y: MadeSide }[] = [];
  let time = 1;
  for (let from = 0; from < count; from += chunk) {
    onProgress?.({ what: "translating", done: from, of: count });
    const batch = pairs.take(Int32Array.from({ length: Math.min(chunk, count - from) }, (_, i) => from + i));
    const seen = model.observe(batch as never);
    time = framesOf(seen.x);
    const truth = { x: flattened(seen.x), y: flattened(seen.y) };
    const of = random.fold(key, from);
    const make = async (to: TranslationSide): Promise<Omit<MadeSide, "back">> => {
      const source = truth[other(to)];
      const raw = await model.translate(source, { to, steps: 0, key: of });
      const refined = await model.translate(source, { to, steps: model.steps, key: of });
      return { truth: truth[to], raw, refined, predictions: await predictionsOf(model, raw, time, to) };
    };
    const [x, y] = [await make("x"), await make("y")];
    parts.push({
      x: { ...x, back: await model.translate(y.raw, { to: "x", steps: 0, key: of }) },
      y: { ...y, back: await model.translate(x.raw, { to: "y", steps: 0, key: of }) },
    });
    tree.dispose(batch as TensorTree);
  }
  const whole = tree.zip(
    (...leaves) => tf.concat(leaves, 0),
    parts[0] as unknown as TensorTree,
    ...(parts.slice(1) as unknown as TensorTree[]),
  ) as unknown as { readonly x: MadeSide; readonly y: MadeSide };
  tree.dispose(parts as unknown as TensorTree);
  return { ...whole, time: tf.scalar(time, "int32") };
}

/** `[n, time, d]` and `[n, time, height, width, channels]` are sequences. */
const framesOf = ({ rank, shape }: tf.Tensor): number => (rank === 3 || rank === 5 ? shape[1]! : 1);

/** A copy of examples, with the frames of sequences one after the other. */
function flattened(examples: tf.Tensor): tf.Tensor {
  const { rank, shape } = examples;
  if (rank === 2 || rank === 4) return tf.clone(examples);
  if (rank === 3 || rank === 5) return tf.reshape(examples, [shape[0]! * shape[1]!, ...shape.slice(2)]);
  return fail(
    `examples have shape [${shape.join(",")}]`,
    "points [n, d], images [n, height, width, channels], or sequences of them",
  );
}

/** The predictions after every two frames of raw outputs, for models with predictors. */
async function predictionsOf(
  model: TranslationModel,
  raw: tf.Tensor,
  time: number,
  side: TranslationSide,
): Promise<readonly tf.Tensor[]> {
  if (model.predict === undefined || time < 3) return [];
  const frames = tf.tidy(() => tf.unstack(tf.reshape(raw, [raw.shape[0]! / time, time, ...raw.shape.slice(1)]), 1));
  const found: tf.Tensor[] = [];
  for (let t = 2; t < time; t++) {
    found.push(await model.predict([frames[t - 2]!, frames[t - 1]!], side));
  }
  tree.dispose(frames);
  return found;
}

const isImage = ({ rank }: tf.Tensor): boolean => rank === 4;

/** Images are clipped to [-1, 1], as when they are saved. */
async function rowsOf(examples: tf.Tensor): Promise<Rows> {
  const [count = 0] = examples.shape;
  const clipped = isImage(examples) ? tf.clipByValue(examples, -1, 1) : tf.clone(examples);
  const values = await clipped.data<"float32">();
  clipped.dispose();
  return { values, count, size: values.length / count };
}

/** Mean |a - b|, of images as a share of the range. */
function meanChange(a: Rows, b: Rows, range: number): number {
  let sum = 0;
  for (let i = 0; i < a.count * a.size; i++) sum += Math.abs(a.values[i]! - b.values[i]!);
  return sum / (a.count * a.size * range);
}

async function directionScores(
  { model, network, key }: TranslationScoring,
  made: Made,
  to: TranslationSide,
): Promise<DirectionScores> {
  const time = made.time.dataSync()[0]!;
  const { truth, raw, refined, predictions } = made[to];
  const image = isImage(truth);
  const inputs = made[other(to)].truth;
  const [truths, sources] = [await rowsOf(truth), await rowsOf(inputs)];
  const alike = tf.util.arraysEqual(truth.shape, inputs.shape);
  const range = image ? 2 : 1;
  const features = async (images: Rows): Promise<Float32Array> => {
    const shape = [images.count, ...truth.shape.slice(1)] as [number, number, number, number];
    const stream = imageArray(images.values as Float32Array, shape, { range: [-1, 1] });
    return (await collectFeatures(stream, network!, { keep: ["features"] })).features!;
  };
  const ofTruth = network && image ? await features(truths) : undefined;

  const scores = async (outputs: Rows): Promise<OutputScores> => {
    const subsetSize = Math.min(subset, outputs.count);
    return {
      ...(image ? pairedScores(outputs, truths) : { pairError: pairError(outputs, truths) }),
      ...(alike && { change: meanChange(outputs, sources, range) }),
      diversity: spread(outputs) / spread(truths),
      ...(!image && { discrepancy: gaussianDiscrepancy(outputs.values, truths.values, truths.size) }),
      ...(ofTruth && {
        kid: {
          ...pick(
            kernelDistance(await features(outputs), ofTruth, network!.dimensions, {
              ...{ key, subsets: 20, subsetSize },
              product: (await ensureEngine()).rowProduct,
            }),
          ),
          network: network!.protocol.network,
        },
      }),
    };
  };
  const withTime = (outputs: Rows, foretold: readonly Rows[]): { temporal?: TemporalScores } =>
    time === 1 ? {} : { temporal: temporalScores(outputs, truths, { time, foretold }) };
  const output = { raw: await rowsOf(raw), refined: await rowsOf(refined) };
  const foretold = await Promise.all(predictions.map(rowsOf));
  const returned = await rowsOf(made[other(to)].back);
  return {
    ...{ to, examples: truths.count, steps: model.steps },
    raw: { ...(await scores(output.raw)), ...withTime(output.raw, foretold) },
    refined: { ...(await scores(output.refined)), ...withTime(output.refined, []) },
    ...(alike && { identity: await scores(sources) }),
    mean: await meanScores(meanRows(truths), truths, image),
    cycle: image ? meanChange(returned, sources, range) : pairError(returned, sources),
  };
}

const pick = ({ value, sd, subsetSize }: ReturnType<typeof kernelDistance>) => ({ value, sd, subsetSize });

/** The mean has no spread and no nearest counterpart. */
async function meanScores(mean: Rows, truths: Rows, image: boolean): Promise<OutputScores> {
  if (!image) return { pairError: pairError(mean, truths), diversity: 0 };
  const { mae, psnr } = pairedScores(mean, truths);
  return { mae, psnr, diversity: 0 };
}
