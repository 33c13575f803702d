/** -log p(x) of held-out examples by importance sampling, for models with latents. */
import { fail, random, tree, ValidationError, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset, MarginalLikelihood, PartitionEstimate } from "@ergodic/training";
import { importanceLikelihood, meanBitsPerDimension } from "../importance-likelihood.js";
import { allPieces, jsonArray, valueOfJson, type Pieces } from "../pieces.js";
import type { OnProgress } from "../progress.js";

export const likelihoodMetrics = ["likelihood"] as const;

export type LikelihoodMetric = (typeof likelihoodMetrics)[number];

export interface LikelihoodScores {
  readonly likelihood?: {
    /** Mean of -log p(x) in nats. It is too high on average, less so with more samples. */
    readonly value: number;
    /** From the spread of the examples and the error of log Z. NaN for one example. */
    readonly standardError: number;
    /**
     * Only for images. Of a density of pixels: bits of 8-bit images, see `meanBitsPerDimension`.
     */
    readonly bitsPerDimension?: number;
    /** Only for sentences. */
    readonly perWord?: {
      /** Σ -log p(x) over all words, where the end of a sentence is a word. */
      readonly nats: number;
      readonly words: number;
    };
    /** The least possible value, where the law of the data is known. */
    readonly entropy?: number;
    /**
     * The same by the reverse estimate of log Z, where there is one: too high on average where
     * `value` is too low.
     */
    readonly above?: { readonly value: number; readonly bitsPerDimension?: number };
    /** Importance samples of each example. */
    readonly samples: number;
    /** Of these samples, ESS = (Σ w)²/Σ w². */
    readonly effectiveSamples: { readonly median: number; readonly least: number };
    /** Examples with fewer effective samples than {@link fewEffective}. */
    readonly doubtful: number;
    readonly partition: PartitionEstimate;
    /** What stands for the law of latents, where its own density is not known. */
    readonly prior?: string;
    readonly test: { readonly description: string; readonly count: number };
  };
}

/** Estimates of fewer effective samples are not to be trusted. */
export const fewEffective = 10;

/** Examples in one call of the model. */
const atOnce = 20;

export interface LikelihoodScoring<S> {
  /** Undefined if the model has none. */
  readonly likelihood: MarginalLikelihood<S, unknown> | undefined;
  readonly state: S;
  readonly test: Dataset<unknown> & Partial<Pixels>;
  /** Maximum number of examples. */
  readonly n: number;
  /** Importance samples of each example. */
  readonly samples: number;
  readonly key: Key;
  readonly onProgress?: OnProgress | undefined;
  /** Default: all. No scores if they are only a share. */
  readonly pieces?: Pieces | undefined;
  /** The number of words of each example of a batch, for sentences. */
  readonly wordsIn?: (batch: unknown) => Promise<ArrayLike<number>>;
  /** The entropy of the data, if it is known. */
  readonly entropy?: number | undefined;
}

/** What a data set of images says of its pixels. */
interface Pixels {
  readonly imageShape: readonly number[];
  readonly scale: readonly [low: number, high: number];
}

/**
 * Estimates log p(x) of random test examples. The same key gives the same numbers.
 *
 * `log p(x) ≈ log mean_j w_j - log Z`, in float64; see `importanceLikelihood`.
 *
 * @throws ValidationError for a model without likelihoods, or weights of another number
 */
export async function likelihoodScores<S>({
  likelihood,
  state,
  test,
  n,
  samples,
  key,
  onProgress,
  pieces = allPieces,
  wordsIn,
  entropy,
}: LikelihoodScoring<S>): Promise<LikelihoodScores> {
  if (likelihood === undefined)
    throw new ValidationError(
      "the model has no likelihood; likelihood needs a learner with likelihood, as latentPrior and variationalPrior have.",
    );
  const [orderKey, partitionKey, weightKey] = random.split<Key>(key, 3) as [Key, Key, Key];
  let partition: PartitionEstimate | undefined;
  const partitions = pieces.results({
    name: "weighing the prior",
    count: 1,
    async compute() {
      onProgress?.({ what: "weighing the prior" });
      return { partition: jsonArray(await likelihood.partition(state, partitionKey)) };
    },
  });
  for await (const found of partitions) partition = valueOfJson(found.partition);
  const count = Math.min(n, test.size);
  const batchSize = Math.min(atOnce, count);
  const batches = test.batches({ batchSize, key: orderKey });
  const words: number[] = [];
  const logWeights = new Float64Array(Math.ceil(count / batchSize) * batchSize * samples);
  const what = "weighing latents of examples";
  const weighed = pieces.results({
    name: what,
    count: Math.ceil(count / batchSize),
    async compute(i) {
      const from = i * batchSize;
      onProgress?.({ what, done: from, of: count });
      const batch = batches.at(i);
      const values = await likelihood.logWeights(state, batch, random.fold(weightKey, from), samples);
      const counts = wordsIn === undefined ? undefined : Int32Array.from(await wordsIn(batch));
      tree.dispose(batch as TensorTree);
      if (values.length !== batchSize * samples)
        fail(
          `likelihood.logWeights returned ${values.length} numbers`,
          `${batchSize * samples}, of each sample of a batch`,
        );
      return {
        logWeights: { shape: [batchSize, samples], values },
        ...(counts && { words: { shape: [counts.length], values: counts } }),
      };
    },
  });
  let from = 0;
  for await (const own of weighed) {
    logWeights.set(own.logWeights.values, from);
    from += own.logWeights.values.length;
    if (own.words) words.push(...own.words.values);
  }
  if (partition === undefined || !pieces.complete) return {};
  const estimate = importanceLikelihood(logWeights.subarray(0, count * samples), samples);
  const logLikelihoods = estimate.logLikelihoods.map((value) => value - partition.logPartition);
  const effective = Float64Array.from(estimate.effectiveSamples).sort();
  const bits = bitsPerDimension(logLikelihoods, likelihood.discrete, test);
  const value = estimate.negativeLogLikelihood + partition.logPartition;
  const counted = words.slice(0, count).reduce((sum, own) => sum + own, 0);
  const { reverse } = partition;
  return {
    likelihood: {
      value,
      standardError: Math.hypot(estimate.standardError, partition.standardError),
      ...(bits !== undefined && { bitsPerDimension: bits }),
      ...(wordsIn && { perWord: { nats: (count * value) / counted, words: counted } }),
      ...(entropy !== undefined && { entropy }),
      ...(reverse !== undefined && {
        above: aboveBy(reverse - partition.logPartition, {
          value,
          bits: bits && { value: bits, dimensions: sizeOf(test.imageShape!) },
        }),
      }),
      samples,
      effectiveSamples: { median: effective[Math.floor(count / 2)]!, least: effective[0]! },
      doubtful: effective.filter((size) => size < fewEffective).length,
      partition,
      ...(likelihood.prior !== undefined && { prior: likelihood.prior }),
      test: { description: test.description, count },
    },
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/** A value and its bits at a log Z that is higher by `nats`. */
const aboveBy = (
  nats: number,
  { value, bits }: { readonly value: number; readonly bits: { value: number; dimensions: number } | 0 | undefined },
) => ({ value: value + nats, ...(bits && { bitsPerDimension: bits.value + nats / (bits.dimensions * Math.LN2) }) });

/** Bits per pixel and channel of images. Undefined for other data. */
function bitsPerDimension(
  logLikelihoods: Float64Array,
  discrete: boolean,
  { imageShape, scale = [-1, 1] }: Partial<Pixels>,
): number | undefined {
  if (imageShape === undefined) return undefined;
  const dimensions = sizeOf(imageShape);
  // A range of 256 has levels of width 1, so a density is a probability.
  return meanBitsPerDimension(logLikelihoods, dimensions, discrete ? [0, 256] : scale);
}
