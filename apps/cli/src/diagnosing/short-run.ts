/** The short run that a model learned with, held against one ten times as long: does the chain stay where learning left it? */
import {
  frechetDistance,
  gaussianStatistics,
  principalComponents,
  project,
  type GaussianStatistics,
  type PrincipalSpace,
} from "@ergodic/evaluation";
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition, ModelChain } from "@ergodic/training";
import { first, loadImages, pixels, type EvaluationPlan, type ImageArray } from "../evaluation/plan.js";
import { classesOf, type Classes } from "./pictures.js";
import { openWalk } from "./walk.js";

/** Mean energy of many chains after so many steps. */
export interface Moment {
  readonly steps: number;
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

/** Runs `n` chains from where short runs start. */
export async function compareShortRun(
  chain: ModelChain,
  { n, key, yardstick }: { readonly n: number; readonly key: Key; readonly yardstick: Yardstick | undefined },
  onStage: (text: string) => void,
): Promise<ShortRunComparison> {
  const walk = openWalk(chain, (at) => chain.energy(at));
  const measured = chain.generative && chain.show !== undefined ? yardstick : undefined;
  const show = measured && compile((at: ChainPosition) => chain.show!(at));
  const ends = [chain.steps, longer * chain.steps] as const;
  const moments = ends.map(() => ({ energies: [] as number[], images: [] as Float32Array[] }));
  const sums = new Float64Array(ends[1]);
  try {
    for (let done = 0; done < n; done += chunk) {
      const [startKey, walkKey] = random.split<Key>(random.fold(key, done), 2) as [Key, Key];
      const count = Math.min(chunk, n - done);
      let position: ChainPosition = chain.start(startKey, count);
      let from = 0;
      for (const [i, end] of ends.entries()) {
        onStage(`${chain.description}: ${end} steps of short runs, chain ${done}/${n}`);
        const walked = await walk.advance(position, { key: walkKey, from, count: end - from });
        position = walked.position;
        const energies = await walked.records.data();
        energies.forEach((energy, at) => (sums[from + (at % (end - from))]! += energy));
        moments[i]!.energies.push(...energies.filter((_, at) => at % (end - from) === end - from - 1));
        tree.dispose(walked.records as TensorTree);
        if (show !== undefined) {
          const shown = await show(position);
          moments[i]!.images.push(await shown.data<"float32">());
          shown.dispose();
        }
        from = end;
      }
      tree.dispose(position);
    }
  } finally {
    await walk.dispose();
    await show?.dispose();
  }
  const distance = ({ space, test }: Yardstick, images: Float32Array): number | undefined =>
    images.every(Number.isFinite) ? frechetDistance(test, statistics(space, images)) : undefined;
  const [short, long] = ends.map((steps, i): Moment => {
    const { energies, images } = moments[i]!;
    const fpd = measured && distance(measured, joinedImages(images));
    return { steps, ...momentsOf(energies), ...(fpd === undefined ? {} : { fpd }) };
  }) as [Moment, Moment];
  return {
    short,
    long,
    curve: Array.from(sums, (sum) => sum / n),
    ...(measured && { floor: distance(measured, first(measured.reference, n).images)! }),
    chains: n,
  };
}

function momentsOf(energies: readonly number[]): Pick<Moment, "energy" | "error" | "sd"> {
  const energy = energies.reduce((sum, value) => sum + value, 0) / energies.length;
  const variance = energies.reduce((sum, value) => sum + (value - energy) ** 2, 0) / Math.max(1, energies.length - 1);
  return { energy, error: Math.sqrt(variance / energies.length), sd: Math.sqrt(variance) };
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
