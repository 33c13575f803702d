/**
 * The bidirectional sandwich: log Z between a forward and a reverse run of annealed importance sampling.
 *
 * Grosse, Ghahramani and Adams, "Sandwiching the marginal likelihood using bidirectional Monte Carlo", arXiv 1511.02543.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import {
  openAnnealing,
  type AnnealedEstimate,
  type AnnealingOptions,
  type AnnealingRunner,
} from "./annealed-importance.js";

export interface BoundsOptions<X extends TensorTree = tf.Tensor> extends AnnealingOptions<X> {
  /**
   * Draws of `to` to start the reverse run with, where it has no exact sampler: the last positions of long chains, say. The upper bound is then
   * approximate. Not disposed.
   */
  readonly draws?: X;
}

/** One direction: an estimate without its tensors. */
export type Direction = Omit<AnnealedEstimate<TensorTree>, "position">;

export interface AnnealedBounds {
  /** E[lower] ≤ log Z ≤ E[upper], if the reverse run starts exactly. */
  readonly lower: number;
  readonly upper: number;
  /** upper - lower. */
  readonly gap: number;
  readonly standardErrors: { readonly lower: number; readonly upper: number };
  /** The reverse run did not start from exact draws: `upper` need not be a bound. */
  readonly approximate: boolean;
  readonly forward: Direction;
  readonly reverse: Direction;
  /** What makes the bounds doubtful, in words; empty if nothing does. */
  readonly advice: readonly string[];
}

function withoutPosition({ position, ...rest }: AnnealedEstimate<TensorTree>): Direction {
  tree.dispose(position);
  return rest;
}

function adviceOn(forward: Direction, reverse: Direction, approximate: boolean): string[] {
  const excess = forward.logPartition - reverse.logPartition;
  const error = Math.hypot(forward.standardError, reverse.standardError);
  return [
    ...forward.advice.map((remark) => `lower bound: ${remark}`),
    ...reverse.advice.map((remark) => `upper bound: ${remark}`),
    ...(approximate ? ["the upper bound is approximate: its draws are only as good as the chains they came from"] : []),
    ...(excess > 3 * error
      ? [
          `the bounds cross by ${excess.toPrecision(2)} (${(excess / error).toPrecision(2)} standard errors): the draws do not follow exp(-energy), or the kernel changes it`,
        ]
      : []),
  ];
}

/** The schedule that a rule chooses, in a run of its own, so that the bounds stay bounds. */
async function schedule<X extends TensorTree>(runner: AnnealingRunner<X>, { betas, key }: BoundsOptions<X>) {
  if (typeof betas !== "function") return betas;
  const pilot = await runner.forward(betas, key);
  tree.dispose(pilot.position);
  return pilot.betas;
}

/**
 * Bounds of log Z of `to` from below (forward) and above (reverse).
 *
 * @throws ValidationError as {@link annealedImportance}; and when `to` has no sampler and no draws are given.
 */
export async function annealedBounds<X extends TensorTree = tf.Tensor>(
  options: BoundsOptions<X>,
): Promise<AnnealedBounds> {
  const [pilotKey, forwardKey, startKey, reverseKey] = random.split(options.key, 4) as [Key, Key, Key, Key];
  const runner = openAnnealing(options);
  let made: X | undefined;
  try {
    const draws = options.draws ?? (made = await runner.draw("to", startKey));
    const betas = await schedule(runner, { ...options, key: pilotKey });
    const forward = withoutPosition(await runner.forward(betas, forwardKey));
    const reverse = withoutPosition(await runner.reverse(draws, betas, reverseKey));
    const approximate = options.draws !== undefined;
    return {
      lower: forward.logPartition,
      upper: reverse.logPartition,
      gap: reverse.logPartition - forward.logPartition,
      standardErrors: { lower: forward.standardError, upper: reverse.standardError },
      approximate,
      forward,
      reverse,
      advice: adviceOn(forward, reverse, approximate),
    };
  } finally {
    tree.dispose(made);
    await runner.dispose();
  }
}
