/** A long run of a model's chain from scattered starts: what R-hat, effective sizes and plots are computed from. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { scalarsOf } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition, ModelChain } from "@ergodic/training";
import type { Followed } from "../chains/plots.js";
import { openWalk } from "./walk.js";

export interface LongRunPlan {
  readonly chains: number;
  /** Steps that are recorded; half as many before them are not. */
  readonly steps: number;
  readonly key: Key;
}

/** Pictures of all chains at one moment. */
export interface Snapshot {
  /** Steps from the start; 0 is the start. */
  readonly step: number;
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

export interface LongRun {
  readonly discarded: number;
  /** E(x) of every recorded step. */
  readonly energy: Followed;
  /** The numbers of the position, or projections of it where there are many. */
  readonly numbers: readonly Followed[];
  /** The mode of every recorded step, where the model knows it. */
  readonly labels?: Followed;
  /** About every K steps, from the start on; none when the model shows nothing. */
  readonly snapshots: readonly Snapshot[];
  /** Where the chain first left the finite numbers; nothing after is recorded. */
  readonly diverged?: { readonly chain: number; readonly step: number };
}

/** Positions of more numbers than this are followed through so many random projections. */
const followedNumbers = 32;

/** So many moments are shown and compared at most. */
const mostSnapshots = 150;

type Records = { readonly energy: tf.Tensor; readonly numbers: tf.Tensor; readonly label?: tf.Tensor };

/** Runs the chain. The same plan gives the same run. */
export async function longRun(chain: ModelChain, plan: LongRunPlan, onStage: (text: string) => void): Promise<LongRun> {
  const { chains, steps } = plan;
  const [startKey, walkKey, projectionKey] = random.split<Key>(plan.key, 3) as [Key, Key, Key];
  let position: ChainPosition = chain.scattered(startKey, chains);
  const size = tree.sizeOf(position) / chains;
  const projection =
    size > followedNumbers
      ? random.normal(projectionKey, [size, followedNumbers], { sd: 1 / Math.sqrt(size) })
      : undefined;
  const walk = openWalk<Records>(chain, (at) => ({
    energy: chain.energy(at),
    numbers: numbersOf(at, projection),
    ...(chain.label && { label: chain.label(at) }),
  }));
  const show = chain.show && compile((at: ChainPosition) => chain.show!(at));
  const discarded = Math.ceil(steps / 2);
  const total = discarded + steps;
  const stretch = Math.max(chain.steps, Math.ceil(total / mostSnapshots));
  const snapshots: Snapshot[] = [];
  const parts: Records[] = [];
  let diverged: LongRun["diverged"];
  try {
    for (let from = 0; from < total && diverged === undefined;) {
      if (show !== undefined) snapshots.push(await snapshot(show, position, from));
      onStage(`${chain.description}: step ${from}/${total}`);
      // A stretch ends where recording begins, so that none is recorded in part.
      const to = Math.min(from + stretch, from < discarded ? discarded : total);
      const walked = await walk.advance(position, { key: walkKey, from, count: to - from });
      position = walked.position;
      diverged = firstNonFinite(walked.records, from);
      if (from >= discarded && diverged === undefined) parts.push(walked.records);
      else tree.dispose(walked.records as TensorTree);
      from = to;
    }
    return { discarded, ...joined(parts, projection !== undefined), snapshots, ...(diverged && { diverged }) };
  } finally {
    tree.dispose([position, parts, projection ?? []] as TensorTree);
    await walk.dispose();
    await show?.dispose();
  }
}

/** A row of numbers for each chain. */
function numbersOf(position: ChainPosition, projection: tf.Tensor | undefined): tf.Tensor {
  const rows = tree.leaves(position).map((leaf) => tf.reshape(leaf, [leaf.shape[0]!, -1]));
  const flat = rows.length === 1 ? rows[0]! : tf.concat(rows, 1);
  return projection === undefined ? flat : tf.matMul(flat as tf.Tensor2D, projection as tf.Tensor2D);
}

async function snapshot(
  show: (at: ChainPosition) => Promise<tf.Tensor>,
  position: ChainPosition,
  step: number,
): Promise<Snapshot> {
  const shown = await show(position);
  const { shape } = shown;
  const values = await shown.data<"float32">();
  shown.dispose();
  return { step, values, shape };
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

function joined(parts: readonly Records[], projected: boolean): Pick<LongRun, "energy" | "numbers" | "labels"> {
  const read = (name: keyof Records, as: string): Followed[] => {
    const pieces = parts.flatMap((part) => part[name] ?? []);
    if (pieces.length === 0) return [];
    const whole = tf.concat(pieces, 1);
    const scalars = [...scalarsOf({ [as]: whole })];
    whole.dispose();
    return scalars;
  };
  const [energy = { name: "energy", chains: [] }] = read("energy", "energy");
  const [labels] = read("label", "label");
  return { energy, numbers: read("numbers", projected ? "projection" : "x"), ...(labels && { labels }) };
}
