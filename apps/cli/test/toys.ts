/** What the slow tests of neural transport in the plane measure of a trained model. */
import * as tf from "@tensorflow/tfjs-core";
import type { PointBatch } from "@ergodic/data";
import type { NeuralTransportLearner, NeuralTransportState } from "@ergodic/neural-transport";
import {
  cycle,
  hmc,
  identityMass,
  independence,
  modeVisits,
  sample,
  summarize,
  warmUp,
  type Energy,
  type Kernel,
} from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset, Learner } from "@ergodic/training";

type Params = readonly TensorTree[];
export type ToyLearner = NeuralTransportLearner<Params, Params, PointBatch>;
export type ToyState = NeuralTransportState<Params, Params>;

/** Updates `from` to `to` as the training loop makes them. */
export async function advanced(
  learner: Pick<Learner<ToyState, PointBatch>, "update">,
  data: Dataset<PointBatch>,
  state: ToyState,
  { from, to, batchSize }: { from: number; to: number; batchSize: number },
): Promise<ToyState> {
  const batches = data.batches({ batchSize, key: random.key("order") });
  let current = state;
  for (let i = from; i < to; i += 1) {
    const batch = batches.at(i);
    const { state: next } = await learner.update(current, batch, random.fold(random.key("updates"), i));
    const kept = new Set(tree.leaves(next));
    tree.dispose([batch, ...tree.leaves(current).filter((leaf) => !kept.has(leaf))]);
    current = next;
  }
  return current;
}

const meanOf = (x: tf.Tensor): number => tf.mean(x).dataSync()[0]!;

/** Mean -log q and, where log Z is `logPartition`, mean -log p of points, in nats. */
export async function negativeLogLikelihoods(
  learner: ToyLearner,
  state: ToyState,
  points: tf.Tensor,
  logPartition: number,
): Promise<{ readonly flow: number; readonly tilted: number }> {
  const { flow, tilt } = await learner.logDensities(state, points);
  const [ofFlow, ofTilt] = [meanOf(flow), meanOf(tilt)];
  tree.dispose([flow, tilt]);
  return { flow: -ofFlow, tilted: logPartition - ofFlow - ofTilt };
}

const cells = 18;
const half = 4.5;

/** Shares of points in 18 x 18 cells of [-4.5, 4.5]² and, last, outside. */
export function histogram(points: Float32Array): Float64Array {
  const shares = new Float64Array(cells * cells + 1);
  const n = points.length / 2;
  for (let i = 0; i < n; i += 1) {
    const [column, row] = [points[2 * i]!, points[2 * i + 1]!].map((x) =>
      Math.floor(((x + half) / (2 * half)) * cells),
    );
    const inside = column! >= 0 && column! < cells && row! >= 0 && row! < cells;
    shares[inside ? row! * cells + column! : cells * cells]! += 1 / n;
  }
  return shares;
}

/** ½ Σ |a - b|. */
export const totalVariation = (a: Float64Array, b: Float64Array): number =>
  0.5 * a.reduce((sum, share, i) => sum + Math.abs(share - b[i]!), 0);

export interface Walk {
  readonly rHat: number;
  readonly essBulk: number;
  readonly hopRate: number;
  readonly visited: readonly number[];
  readonly occupancy: readonly number[];
  /** Mean acceptance probability of the jumps, where there are any. */
  readonly jumpAcceptance?: number;
}

interface WalkOptions {
  readonly start: tf.Tensor;
  readonly leapfrogSteps: number;
  readonly draws: number;
  readonly key: Key;
  /** Whether every step ends with a proposal of fresh noise. */
  readonly jumps?: boolean;
  /** From positions `[n, 2]` to the modes of their points. */
  readonly mode: (positions: tf.Tensor) => tf.Tensor;
}

/** Chains of an energy, the step size fitted to an acceptance of 0.8, then `draws` draws of each. */
export async function walk(
  energy: Energy,
  { start, leapfrogSteps, draws, key, jumps, mode }: WalkOptions,
): Promise<Walk> {
  const [warmKey, drawKey] = random.split(key, 2) as [Key, Key];
  const options = { energy, steps: leapfrogSteps, mass: identityMass() };
  const tuned = await warmUp(hmc(options), start, { steps: 200, key: warmKey, targetAcceptance: 0.8 });
  const local = hmc({ ...options, stepSize: tuned.stepSize.dataSync()[0]! });
  const jump = independence({
    energy,
    proposal: {
      sample: (at, n) => random.normal(at, [n, 2]),
      energy: (z) => tf.mul(0.5, tf.sum(tf.square(z), 1)) as tf.Tensor1D,
    },
  });
  const kernel: Kernel = jumps ? cycle([local, jump]) : local;
  const { positions, info } = await sample(kernel, { initial: tuned.position, draws, key: drawKey });
  const rows = summarize(positions);
  const chains = start.shape[0]!;
  const labels = tf.reshape(mode(tf.reshape(positions, [chains * draws, 2])), [chains, draws]);
  const { hopRate, visited, occupancy } = modeVisits(labels);
  const ofJumps = (info as { parts?: readonly { acceptProb?: tf.Tensor }[] }).parts?.[1]?.acceptProb;
  const jumpAcceptance = ofJumps && meanOf(ofJumps);
  tree.dispose([positions, tuned]);
  return {
    rHat: Math.max(...rows.map((row) => row.rHat)),
    essBulk: Math.min(...rows.map((row) => row.essBulk)),
    hopRate,
    visited,
    occupancy,
    ...(jumpAcceptance !== undefined && { jumpAcceptance }),
  };
}
