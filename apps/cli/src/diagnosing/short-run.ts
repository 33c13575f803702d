/** The short run that a model learned with, held against one ten times as long: does the chain stay where learning left it? */
import {
  frechetDistance,
  gaussianStatistics,
  principalComponents,
  project,
  type GaussianStatistics,
  type PrincipalSpace,
} from "@ergodic/evaluation";
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition, ModelChain } from "@ergodic/training";
import { first, loadImages, pixels, type EvaluationPlan, type ImageArray } from "../evaluation/plan.js";
import { countdown } from "../terminal/countdown.js";
import { classesOf, type Classes } from "./pictures.js";
import type { StepCost } from "./step-cost.js";
import { openWalk } from "./walk.js";

/** Many chains after so many steps. */
export interface Moment {
  readonly steps: number;
  /** Mean energy: of the short run at its end, of the long one over its second half. */
  readonly energy: number;
  /** Standard error of `energy`. */
  readonly error: number;
  /** Standard deviation of the energies. */
  readonly sd: number;
  /** Fréchet distance between what the chains show and test images, where there are any. */
  readonly fpd?: number;
}

export interface ShortRunComparison {
  /** After K steps, and after `longer` times as many. */
  readonly short: Moment;
  readonly long: Moment;
  /** Mean energy of the chains after every step. */
  readonly curve: readonly number[];
  /** The distance of as many training images from the test images. */
  readonly floor?: number;
  readonly chains: number;
}

/** The long run is so many times the short one. */
export const longer = 10;

/** Chains in one compiled call. */
const chunk = 500;

/** How many chains are compared: as many as numbers can be computed for in some 100 seconds of a core, within bounds. */
const size = { least: 64, most: 1000, numbers: 1e11 };

/** The number of chains to compare: fewer where steps are costly. */
export function chainsToCompare({ steps }: ModelChain, cost: StepCost | undefined): number {
  const fitting = cost === undefined ? size.most : Math.floor(size.numbers / (longer * steps * cost.numbers));
  return Math.max(size.least, Math.min(size.most, fitting));
}

/** What images are measured with. */
export interface Yardstick {
  readonly space: PrincipalSpace;
  /** The test images in that space. */
  readonly test: GaussianStatistics;
  readonly reference: ImageArray;
  /** Where the images have classes. */
  readonly classes?: Classes;
}

/** Reads the images of a plan and fits their principal components. */
export async function readYardstick(plan: EvaluationPlan): Promise<Yardstick> {
  const reference = (await loadImages(plan.reference, "reference")).all();
  const test = (await loadImages(plan.test, "test")).all();
  const space = principalComponents(reference.images, {
    dimensions: pixels(reference),
    components: plan.components,
  });
  const classes = classesOf(reference, test);
  return { space, test: statistics(space, test.images), reference, ...(classes && { classes }) };
}

const statistics = (space: PrincipalSpace, images: Float32Array): GaussianStatistics =>
  gaussianStatistics(project(space, images), space.variances.length);

export interface ComparisonPlan {
  readonly n: number;
  readonly key: Key;
  readonly cost?: StepCost | undefined;
  readonly yardstick: Yardstick | undefined;
}

/** Runs `n` chains from where short runs start. */
export async function compareShortRun(
  chain: ModelChain,
  { n, key, cost, yardstick }: ComparisonPlan,
  onStage: (text: string) => void,
): Promise<ShortRunComparison> {
  const walk = openWalk(chain, (at) => chain.energy(at), cost);
  const measured = chain.generative && chain.show !== undefined ? yardstick : undefined;
  const show = measured && compile((at: ChainPosition) => chain.show!(at));
  const ends = [chain.steps, longer * chain.steps] as const;
  const total = ends[1];
  const energies: Float64Array[] = [];
  const images: [Float32Array[], Float32Array[]] = [[], []];
  const tell = countdown(onStage, `${chain.description}: chain-step of short runs`);
  try {
    for (let done = 0; done < n; done += chunk) {
      const [startKey, walkKey] = random.split<Key>(random.fold(key, done), 2) as [Key, Key];
      const count = Math.min(chunk, n - done);
      const onStep = (at: number): void => tell(done * total + count * at, n * total);
      const position = chain.start(startKey, count);
      let state = await walk.begin(position);
      tree.dispose(position);
      const parts: tf.Tensor[] = [];
      let from = 0;
      for (const [i, end] of ends.entries()) {
        const walked = await walk.advance(state, { key: walkKey, from, count: end - from, onStep });
        state = walked.state;
        parts.push(walked.records);
        if (show !== undefined) {
          const shown = await show(state.position);
          images[i]!.push(await shown.data<"float32">());
          shown.dispose();
        }
        from = end;
      }
      const along = tf.concat(parts, 1);
      const values = await along.data();
      for (let c = 0; c < count; c++) energies.push(Float64Array.from(values.slice(c * total, (c + 1) * total)));
      tree.dispose([state, parts, along] as TensorTree);
    }
  } finally {
    await walk.dispose();
    await show?.dispose();
  }
  const distance = ({ space, test }: Yardstick, of: Float32Array): number | undefined =>
    of.every(Number.isFinite) ? frechetDistance(test, statistics(space, of)) : undefined;
  const windows = [
    [ends[0] - 1, ends[0]],
    [total / 2, total],
  ] as const;
  const [short, long] = ends.map((steps, i): Moment => {
    const fpd = measured && distance(measured, joinedImages(images[i]!));
    return { steps, ...momentsOf(energies, windows[i]!), ...(fpd === undefined ? {} : { fpd }) };
  }) as [Moment, Moment];
  return {
    short,
    long,
    curve: Array.from({ length: total }, (_, t) => mean(energies.map((of) => of[t]!))),
    ...(measured && { floor: distance(measured, first(measured.reference, n).images)! }),
    chains: n,
  };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** The mean over steps `from` to `to` of all chains, its error by the means of the chains, and the spread of energies at the end. */
function momentsOf(
  energies: readonly Float64Array[],
  [from, to]: readonly [number, number],
): Pick<Moment, "energy" | "error" | "sd"> {
  const means = energies.map((of) => mean(of.subarray(from, to)));
  const ends = energies.map((of) => of[to - 1]!);
  const spread = (values: readonly number[]): number => {
    const centre = mean(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, values.length - 1));
  };
  return { energy: mean(means), error: spread(means) / Math.sqrt(means.length), sd: spread(ends) };
}

function joinedImages(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
