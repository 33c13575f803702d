/**
 * Scores a model of images.
 *
 * FPD: the first `components` principal components of the reference images span a fixed space; Gaussians are fitted to the
 * projections of generated and of test images, and the score is their Fréchet distance. MSE: posterior reconstructions of test images.
 */
import type * as tf from "@tensorflow/tfjs-core";
import {
  fewExamples,
  frechetBias,
  frechetInPrincipalSpace,
  meanSquaredError,
  principalComponents,
  type PrincipalSpace,
} from "@ergodic/evaluation";
import { assertFitsMemory, random, tree, type Key, type Tree } from "@ergodic/tensor";
import type { Learner, LearnerState } from "@ergodic/training";
import { CliError } from "../errors.js";
import { first, loadImages, pixels, type EvaluationPlan } from "./plan.js";
import type { FrechetScore, MetricName, ReconstructionScore, Scores } from "./scores.js";

/** A learner that can also decode the starting points of its chain. */
export interface ChainLearner extends Learner {
  sampleReference?(state: LearnerState, key: Key, n: number): Promise<tf.Tensor>;
}

export interface ImageEvaluation {
  readonly learner: ChainLearner;
  readonly state: LearnerState;
  readonly plan: EvaluationPlan;
  readonly metrics: readonly MetricName[];
  /** Generated images, and test images, at most. */
  readonly n: number;
  readonly seed: number;
  /** Told what is being done. */
  readonly onStage?: (text: string) => void;
}

/** Examples in one compiled call: every chunk has this size, so one program serves all. */
const chunk = 500;

/** Metrics that `learner` allows. */
export function possibleMetrics(learner: Learner): MetricName[] {
  return [
    ...(learner.sample === undefined ? [] : (["fpd"] as const)),
    ...(learner.reconstruct === undefined ? [] : (["mse"] as const)),
  ];
}

/** Computes the scores asked for; the same seed gives the same scores. The state is left as it is. */
export async function evaluateImages(evaluation: ImageEvaluation): Promise<Scores> {
  const { metrics, seed } = evaluation;
  const [generation, reconstruction] = random.split<Key>(random.key(seed), 2) as [Key, Key];
  return {
    ...(metrics.includes("fpd") ? { fpd: await frechetScore(evaluation, generation) } : {}),
    ...(metrics.includes("mse") ? { mse: await reconstructionScore(evaluation, reconstruction) } : {}),
  };
}

async function frechetScore({ learner, state, plan, n, onStage }: ImageEvaluation, key: Key): Promise<FrechetScore> {
  onStage?.("reading test and reference images");
  const test = first((await loadImages(plan.test, "test")).all(), n);
  const reference = (await loadImages(plan.reference, "reference")).all();
  onStage?.(`fitting ${plan.components} principal components`);
  const space = principalComponents(reference.images, { dimensions: pixels(reference), components: plan.components });
  const distance = (images: Float32Array) => frechetInPrincipalSpace(space, test.images, images);
  const generated = async (make: NonNullable<Learner["sample"]>, purpose: Key, what: string) => {
    return distance(
      await inChunks((part, size) => make(state, part, size), { n, key: purpose, of: pixels(test), what, onStage }),
    );
  };
  const [withChain, withoutChain] = random.split(key, 2) as [Key, Key];
  if (learner.sample === undefined)
    throw new CliError("the model makes no samples; fpd needs a learner with sample().");
  const value = await generated(learner.sample.bind(learner), withChain, "generating");
  const start = learner.sampleReference?.bind(learner);
  return {
    value,
    ...(start === undefined
      ? {}
      : { withoutChain: await generated(start, withoutChain, "generating without the chain") }),
    floor: distance(first(reference, n).images),
    components: plan.components,
    ...sizesOf(space, n, test.shape[0] ?? 0),
  };
}

/** How many images were compared, and how far that biases the distance where they are few. */
function sizesOf({ variances }: PrincipalSpace, generated: number, test: number) {
  if (Math.min(generated, test) >= fewExamples) return { generated, test };
  const dimensions = variances.length;
  const covariance = new Float64Array(dimensions ** 2);
  variances.forEach((variance, i) => (covariance[i * dimensions + i] = variance));
  const statistics = { dimensions, mean: new Float64Array(dimensions), covariance };
  return { generated, test, bias: frechetBias(statistics, generated, test) };
}

async function reconstructionScore(
  { learner, state, plan, n, onStage }: ImageEvaluation,
  key: Key,
): Promise<ReconstructionScore> {
  if (learner.reconstruct === undefined)
    throw new CliError("the model reconstructs nothing; mse needs a learner with reconstruct().");
  const data = await loadImages(plan.test, "test");
  const size = Math.min(n, data.size);
  const [order, chains] = random.split(key, 2) as [Key, Key];
  const batches = data.batches({ batchSize: Math.min(chunk, size), key: order });
  let sum = 0;
  let seen = 0;
  for (let i = 0; seen < size; i++) {
    onStage?.(`reconstructing ${seen}/${size}`);
    const batch = batches.at(i);
    const pair = await learner.reconstruct(state, batch, random.fold(chains, i));
    const count = pair.original.shape[0] ?? 0;
    sum += count * meanSquaredError(await pair.original.data<"float32">(), await pair.reconstruction.data<"float32">());
    seen += count;
    release([pair, batch], state);
  }
  return { value: sum / seen, test: seen };
}

interface Generation {
  readonly n: number;
  readonly key: Key;
  /** Numbers in one image. */
  readonly of: number;
  readonly what: string;
  readonly onStage?: ((text: string) => void) | undefined;
}

async function inChunks(
  make: (key: Key, n: number) => Promise<tf.Tensor>,
  { n, key, of, what, onStage }: Generation,
): Promise<Float32Array> {
  assertFitsMemory("a set of images", [n, of]);
  const images = new Float32Array(n * of);
  const size = Math.min(chunk, n);
  for (let from = 0; from < n; from += size) {
    onStage?.(`${what} ${from}/${n}`);
    const part = await make(random.fold(key, from), size);
    const values = await part.data<"float32">();
    part.dispose();
    if (values.length !== size * of) {
      throw new CliError(
        `the model's samples have shape [${part.shape.join(", ")}]; expected ${size} images of ${of} numbers, as the test images.`,
      );
    }
    images.set(values.subarray(0, Math.min(size, n - from) * of), from * of);
  }
  return images;
}

/** Disposes tensors once each, sparing those that are part of `kept`. */
function release(trees: readonly unknown[], kept: unknown): void {
  const spared = new Set<unknown>(tree.leaves(kept as Tree<unknown>));
  for (const leaf of new Set<unknown>(tree.leaves(trees as Tree<unknown>))) {
    if (spared.has(leaf) || typeof leaf !== "object" || leaf === null || !("dispose" in leaf)) continue;
    const tensor = leaf as tf.Tensor;
    if (!tensor.isDisposed) tensor.dispose();
  }
}
