/** Compares the short run of learning with a run ten times as long, from the same starts. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { joined, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { readSamples, type ChainPosition, type ModelChain } from "@ergodic/training";
import type { ClassMeans } from "./class-visits.js";
import { openChain } from "./open-chain.js";
import type { StepCost } from "./step-cost.js";

/** The state of many chains after some number of steps. */
export interface Moment {
  readonly steps: number;
  /** Mean energy: at the end of the short run, or over the second half of the long run. */
  readonly energy: number;
  /** Standard error of `energy`. */
  readonly error: number;
  /** Standard deviation of the energies of the chains at the end. */
  readonly sd: number;
  /**
   * Distance of the chains' images from test images. Absent unless the chains show images and all
   * are finite.
   */
  readonly distance?: number;
}

export interface ShortRunComparison {
  /** After K steps. */
  readonly short: Moment;
  /** After {@link longer} times K steps. */
  readonly long: Moment;
  /** Mean energy of the chains after every step. */
  readonly curve: readonly number[];
  /**
   * Distance of as many training images from the test images. No model is expected to fall below
   * it.
   */
  readonly floor?: number;
  readonly chains: number;
}

/** Length of the long run, in short runs. */
export const longer = 10;

/** Number of chains in one compiled call. */
const chunk = 500;

/**
 * Bounds of the number of chains. Within them, one core computes `numbers` in about 100 seconds.
 */
const size = { least: 64, most: 1000, numbers: 1e11 };

/** The number of chains to compare: fewer where steps are costly. */
export function chainsToCompare({ steps }: ModelChain, cost: StepCost | undefined): number {
  const fitting = cost === undefined ? size.most : Math.floor(size.numbers / (longer * steps * cost.numbers));
  return Math.max(size.least, Math.min(size.most, fitting));
}

/** Reference data for the pictures of a generative chain. */
export interface PictureReference {
  /** Distance of generated images from test images, for instance a Fréchet distance. */
  distance(images: Float32Array): number;
  /** Distance of `n` training images from the test images. */
  floor(n: number): number;
  /** Class means of the images, if they have classes. */
  readonly classes?: ClassMeans | undefined;
}

export interface ComparisonPlan {
  /** Number of chains. */
  readonly n: number;
  readonly key: Key;
  readonly cost?: StepCost | undefined;
  readonly reference?: PictureReference | undefined;
  /** Called with the steps done, summed over all chains. */
  readonly onStep?: ((done: number, of: number) => void) | undefined;
}

/** Runs `n` chains from the starts of short runs. Equal plans give equal results. */
export async function compareShortRun(chain: ModelChain, plan: ComparisonPlan): Promise<ShortRunComparison> {
  const { n, key, cost, onStep } = plan;
  const opened = openChain(chain, (at) => chain.energy(at), cost);
  const wanted = chain.generative && chain.observe !== undefined ? plan.reference : undefined;
  const observe = wanted && compile((at: ChainPosition) => chain.observe!(at));
  const ends = [chain.steps, longer * chain.steps] as const;
  const total = ends[1];
  const energies: Float64Array[] = [];
  const images: [Float32Array[], Float32Array[]] = [[], []];
  try {
    for (let done = 0; done < n; done += chunk) {
      const [startKey, stepKey] = random.split<Key>(random.fold(key, done), 2) as [Key, Key];
      const count = Math.min(chunk, n - done);
      const position = chain.start(startKey, count);
      let state = await opened.begin(position);
      tree.dispose(position);
      const parts: tf.Tensor[] = [];
      let from = 0;
      for (const [i, end] of ends.entries()) {
        const advanced = await opened.advance(state, {
          ...{ key: stepKey, from, count: end - from },
          onStep: (at) => onStep?.(done * total + count * at, n * total),
        });
        state = advanced.state;
        parts.push(advanced.records);
        if (observe !== undefined) {
          const observations = await observe(state.position);
          const samples = await readSamples(observations, chain.show?.bind(chain));
          tree.dispose(observations);
          if (samples.kind === "images") images[i]!.push(Float32Array.from(samples.values));
        }
        from = end;
      }
      const along = tf.concat(parts, 1);
      const values = await along.data();
      for (let c = 0; c < count; c++) energies.push(Float64Array.from(values.slice(c * total, (c + 1) * total)));
      tree.dispose([state, parts, along] as TensorTree);
    }
  } finally {
    await opened.dispose();
    await observe?.dispose();
  }
  const reference = images[0].length > 0 ? wanted : undefined;
  const windows = [
    [ends[0] - 1, ends[0]],
    [total / 2, total],
  ] as const;
  const [short, long] = ends.map((steps, i): Moment => {
    const shown = joined(Float32Array, images[i]!);
    const distance = reference && shown.every(Number.isFinite) ? reference.distance(shown) : undefined;
    return { steps, ...momentsOf(energies, windows[i]!), ...(distance === undefined ? {} : { distance }) };
  }) as [Moment, Moment];
  return {
    short,
    long,
    curve: Array.from({ length: total }, (_, t) => mean(energies.map((of) => of[t]!))),
    ...(reference && { floor: reference.floor(n) }),
    chains: n,
  };
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/**
 * The mean over steps `from` to `to` of all chains, its error from the means of single chains, and
 * the spread at the end.
 */
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
