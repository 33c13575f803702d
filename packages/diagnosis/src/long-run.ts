/**
 * Long chains of a model from scattered starts: the draws behind R-hat, effective sizes and plots.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { scalarsOf } from "@ergodic/samplers/diagnostics";
import { assertFitsMemory, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { readSamples, type ChainPosition, type HostSamples, type ModelChain } from "@ergodic/training";
import type { Followed } from "./followed.js";
import { openChain } from "./open-chain.js";
import type { StepCost } from "./step-cost.js";

export interface LongRunPlan {
  readonly chains: number;
  /** Maximum number of recorded steps. Before them, half as many are discarded. */
  readonly steps: number;
  readonly key: Key;
  readonly cost?: StepCost | undefined;
  /**
   * Called after an eighth, a quarter and half of the run. The run stops when it returns true.
   * Default: it never does.
   */
  readonly settled?: ((numbers: readonly Followed[], share: number) => boolean) | undefined;
  readonly onStep?: ((done: number, of: number) => void) | undefined;
}

const shares = [1 / 8, 1 / 4, 1 / 2, 1];

/** The pictures of all chains at one step. */
export interface Snapshot {
  /** Steps since the start. */
  readonly step: number;
  readonly samples: HostSamples;
}

export interface LongRun {
  readonly discarded: number;
  /** E(x) of every recorded step. */
  readonly energy: Followed;
  /** The numbers of the position, or 32 random projections of larger positions. */
  readonly numbers: readonly Followed[];
  /** The mode at every recorded step, if the model labels modes. */
  readonly labels?: Followed;
  /** Snapshots about every K steps, including the start. Empty when the model has no `observe`. */
  readonly snapshots: readonly Snapshot[];
  /** The first number that is not finite. The record is then empty. */
  readonly diverged?: { readonly chain: number; readonly step: number };
}

/** Number of random projections of larger positions. */
const followedNumbers = 32;

/**
 * Bytes of memory per recorded number: tensors in parts and joined, and float64 for the
 * diagnostics.
 */
const bytesPerNumber = 16;

/** Maximum number of snapshots. */
const mostSnapshots = 150;

type Records = { readonly energy: tf.Tensor; readonly numbers: tf.Tensor; readonly label?: tf.Tensor };

/**
 * Runs the chain. Equal plans give equal results.
 *
 * @throws ValidationError when the record exceeds the memory.
 */
export async function longRun(chain: ModelChain, plan: LongRunPlan): Promise<LongRun> {
  const { chains, steps, cost, settled, onStep } = plan;
  const [startKey, stepKey, projectionKey] = random.split<Key>(plan.key, 3) as [Key, Key, Key];
  const position = chain.scattered(startKey, chains);
  const size = tree.sizeOf(position) / chains;
  const numbers = 1 + Math.min(size, followedNumbers);
  assertFitsMemory("the record of the chains", [chains, Math.ceil(1.5 * steps), numbers], bytesPerNumber);
  const projection =
    size > followedNumbers
      ? random.normal(projectionKey, [size, followedNumbers], { sd: 1 / Math.sqrt(size) })
      : undefined;
  const record = (at: ChainPosition): Records => ({
    energy: chain.energy(at),
    numbers: numbersOf(at, projection),
    ...(chain.label && { label: chain.label(at) }),
  });
  const opened = openChain<Records>(chain, record, cost);
  const observe = chain.observe && compile((at: ChainPosition) => chain.observe!(at));
  const stretch = Math.max(chain.steps, Math.ceil((1.5 * steps) / mostSnapshots));
  const snapshots: Snapshot[] = [];
  const parts: Records[] = [];
  let done = 0;
  let run: LongRun | undefined;
  let state = await opened.begin(position);
  tree.dispose(position);
  try {
    for (const share of settled === undefined ? [1] : shares) {
      const recorded = Math.ceil(share * steps);
      const discarded = Math.ceil(recorded / 2);
      const total = discarded + recorded;
      while (done < total) {
        if (observe !== undefined) {
          const observations = await observe(state.position);
          snapshots.push({ step: done, samples: await readSamples(observations, chain.show?.bind(chain)) });
          tree.dispose(observations);
        }
        const count = Math.min(stretch, total - done);
        const range = { key: stepKey, from: done, count, onStep: (at: number) => onStep?.(at, total) };
        const advanced = await opened.advance(state, range);
        state = advanced.state;
        parts.push(advanced.records);
        const diverged = firstNonFinite(advanced.records, done);
        if (diverged) return { discarded, energy: { name: "energy", chains: [] }, numbers: [], snapshots, diverged };
        done += count;
      }
      run = { discarded, ...joined(parts, { from: discarded, projected: projection !== undefined }), snapshots };
      if (share < 1 && settled?.([run.energy, ...run.numbers], share)) break;
    }
    return run!;
  } finally {
    tree.dispose([state, parts, projection ?? []] as TensorTree);
    await opened.dispose();
    await observe?.dispose();
  }
}

/** One row of numbers per chain. */
function numbersOf(position: ChainPosition, projection: tf.Tensor | undefined): tf.Tensor {
  const rows = tree.leaves(position).map((leaf) => tf.reshape(leaf, [leaf.shape[0]!, -1]));
  const flat = rows.length === 1 ? rows[0]! : tf.concat(rows, 1);
  return projection === undefined ? flat : tf.matMul(flat as tf.Tensor2D, projection as tf.Tensor2D);
}

function firstNonFinite({ energy, numbers }: Records, from: number): LongRun["diverged"] {
  const count = energy.shape[1]!;
  const places = [energy, numbers].flatMap((tensor) => {
    const values = tensor.dataSync();
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) return [];
    const row = Math.floor((at * energy.size) / values.length);
    return [{ chain: Math.floor(row / count), step: from + 1 + (row % count) }];
  });
  return places[0];
}

/** The records from step `from` on. */
function joined(
  parts: readonly Records[],
  { from, projected }: { readonly from: number; readonly projected: boolean },
): Pick<LongRun, "energy" | "numbers" | "labels"> {
  const read = (name: keyof Records, as: string): Followed[] => {
    const pieces = parts.flatMap((part) => part[name] ?? []);
    if (pieces.length === 0) return [];
    const whole = tf.concat(pieces, 1);
    const scalars = [...scalarsOf({ [as]: whole })];
    whole.dispose();
    return scalars.map(({ name: of, chains }) => ({ name: of, chains: chains.map((draws) => draws.subarray(from)) }));
  };
  const [energy] = read("energy", "energy");
  const [labels] = read("label", "label");
  return { energy: energy!, numbers: read("numbers", projected ? "projection" : "x"), ...(labels && { labels }) };
}
