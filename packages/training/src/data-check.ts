/** Checks the batches that a diverged run learned from. */
import * as tf from "@tensorflow/tfjs-core";
import { type Batches, type Dataset, type TensorTree, tree } from "@ergodic/tensor";
import { disposeTensors } from "./dispose.js";

/** The result of the check. */
export interface DataFinding {
  readonly sound: boolean;
  /** What is wrong, as a clause. For sound data, the range of every tensor, as a list. */
  readonly text: string;
}

interface Spread {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Numbers that are NaN or infinite. */
  readonly broken: number;
}

/** Range of sound values. Losses and step sizes are made for values of about 1. */
const usual = 100;

/** Largest ratio of later values to those of the first batches. */
const beyondFirst = 10;

/** Number of first batches that set the expected range. */
const firstBatches = 3;

/** Maximum number of batches to check. */
const most = 1000;

/**
 * Checks the first batches, and the batches of iterations `from` to before `to` (counted from 0, at
 * most the last 1,000).
 *
 * Bad values are:
 *
 * - numbers that are not finite
 * - images outside the range that their data set declares (`scale`)
 * - other numbers beyond 100, or beyond ten times those of the first batches
 */
export async function checkData<B>(
  dataset: Dataset<B>,
  batches: Batches<B>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<DataFinding> {
  const range = declaredRange(dataset);
  const usualSizes = new Map<string, number>();
  const seen: string[] = [];
  const earliest = Array.from({ length: Math.min(firstBatches, to) }, (_, i) => i);
  const latest = Array.from({ length: Math.min(most, to - from) }, (_, i) => Math.max(from, to - most) + i);
  for (const iteration of [...new Set([...earliest, ...latest])]) {
    for (const { name, shape, spread } of await spreadsAt(batches, iteration)) {
      const where = `${name} of the batch of iteration ${iteration + 1}`;
      const size = Math.max(Math.abs(spread.low), Math.abs(spread.high));
      const expected = usualSizes.get(name);
      const trouble = troubleOf(spread, isImages(shape) ? range : undefined, expected);
      if (trouble !== undefined) return { sound: false, text: `${where} ${trouble}` };
      if (expected === undefined) seen.push(`${name} from ${round(spread.low)} to ${round(spread.high)}`);
      if (iteration < firstBatches) usualSizes.set(name, Math.max(expected ?? 0, size));
    }
  }
  return { sound: true, text: seen.join(", ") };
}

function troubleOf(
  { low, high, count, broken }: Spread,
  range: readonly [number, number] | undefined,
  expected: number | undefined,
): string | undefined {
  if (broken > 0)
    return `${broken === 1 ? "has 1 value that is" : `has ${broken} values that are`} NaN or infinite among ${count}`;
  const reach = `reaches from ${round(low)} to ${round(high)}`;
  if (range !== undefined) {
    const tolerance = 1e-3 * (range[1] - range[0]);
    if (low < range[0] - tolerance || high > range[1] + tolerance)
      return `${reach}, expected images in [${range.join(", ")}]`;
    return undefined;
  }
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (expected !== undefined && size > beyondFirst * Math.max(expected, 1))
    return `${reach}, the first batches to ${round(expected)}`;
  return size > usual ? `${reach}, expected numbers of about 1, images in [-1, 1]` : undefined;
}

async function spreadsAt<B>(
  batches: Batches<B>,
  iteration: number,
): Promise<{ name: string; shape: readonly number[]; spread: Spread }[]> {
  const batch = batches.at(iteration);
  try {
    const leaves: unknown[] = tree.leaves(batch as TensorTree);
    const names = tree.paths(batch);
    const found = [];
    for (const [i, leaf] of leaves.entries()) {
      if (!(leaf instanceof tf.Tensor) || leaf.dtype !== "float32" || leaf.size === 0) continue;
      const spread = spreadOf(await leaf.data<"float32">());
      found.push({ name: names[i] === "" ? "the tensor" : names[i]!, shape: leaf.shape, spread });
    }
    return found;
  } finally {
    disposeTensors(batch);
  }
}

function spreadOf(values: Float32Array): Spread {
  let [low, high, broken] = [Infinity, -Infinity, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) broken += 1;
    else [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return { low, high, broken, count: values.length };
}

/** `[n, height, width, channels]` */
const isImages = (shape: readonly number[]): boolean => shape.length === 4 && shape[3]! <= 4;

/** The values of black and white that an image data set declares, if they are of the usual size. */
function declaredRange(dataset: object): readonly [number, number] | undefined {
  const scale: unknown = "scale" in dataset ? dataset.scale : undefined;
  const sound = Array.isArray(scale) && scale.length === 2 && scale.every((end) => Math.abs(Number(end)) <= usual);
  return sound ? (scale as [number, number]) : undefined;
}

const round = (value: number): number => Number(value.toPrecision(3));
