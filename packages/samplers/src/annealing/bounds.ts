/**
 * Bidirectional Monte Carlo: log Z lies between a forward and a reverse run of annealed importance
 * sampling.
 *
 * Grosse, Ghahramani and Adams, "Sandwiching the marginal likelihood using bidirectional Monte
 * Carlo", arXiv 1511.02543.
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
   * Draws of `to` that start the reverse run where `to` has no exact sampler, the last positions of
   * long chains for instance. Not disposed.
   *
   * The upper bound is then approximate:
   *   - Draws too far out lower it. They are noticed only when it falls below the lower bound by
   *     more than 3 standard errors.
   *   - Draws too far in, or of some of the modes, raise it, which widens the gap.
   *   - Smaller errors of the start go unnoticed, so only the lower bound of log Z is certain.
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
  /** Whether the reverse run did not start from exact draws: `upper` need not be a bound. */
  readonly approximate: boolean;
  readonly forward: Direction;
  readonly reverse: Direction;
  /** Reasons to doubt the bounds, in words; empty if there are none. */
  readonly advice: readonly string[];
}

function withoutPosition({ position, ...rest }: AnnealedEstimate<TensorTree>): Direction {
  tree.dispose(position);
  return rest;
}

/** The effect of a support that is not shared on one of the bounds. */
interface Unshared {
  /** The distance of the bound from log Z, for any number of levels. */
  readonly distance: number;
  readonly error: number;
  readonly advice: readonly string[];
}

/**
 * The bias of a bound from draws of one end at which the other end has no density, as where an
 * energy is infinite on a half-space.
 *
 * A run from the other end never reaches these points, so the mean of its weights lacks their
 * share: its bound is off by -log(1 - outside).
 */
function unshared({ outside, logWeights }: Direction, ends: { from: string; to: string }, bound: string): Unshared {
  if (outside === 0) return { distance: 0, error: 0, advice: [] };
  const distance = -Math.log1p(-outside);
  const where = bound === "upper" ? "above" : "below";
  const remedy =
    bound === "upper"
      ? "start from a reference whose draws lie where the target has density, as by a change of variables"
      : "start from a reference that has density wherever the target has";
  return {
    distance,
    error: Math.sqrt(outside / ((1 - outside) * logWeights.length)),
    advice: [
      `${bound} bound: ${(100 * outside).toPrecision(2)} % of the draws of ${ends.from} lie where ${ends.to} has no density, so that it stays ` +
        `${distance.toPrecision(2)} ${where} log Z however many levels there are; ${remedy}`,
    ],
  };
}

/** Advice for a distance between the bounds of more than 3 of its standard errors. */
function adviceOnGap(gap: number, error: number, approximate: boolean): string[] {
  if (Math.abs(gap) <= 3 * error) return [];
  const size = `by ${Math.abs(gap).toPrecision(2)} (${(Math.abs(gap) / error).toPrecision(2)} standard errors)`;
  if (gap < 0) return [`the bounds cross ${size}: the draws do not follow exp(-energy), or the kernel changes it`];
  const remedy = approximate ? "take more levels, or longer chains from more scattered starts" : "take more levels";
  return [`the bounds are apart ${size}: ${remedy}`];
}

function adviceOn(forward: Direction, reverse: Direction, approximate: boolean): string[] {
  const above = unshared(forward, { from: "from", to: "to" }, "upper");
  const below = unshared(reverse, { from: "to", to: "from" }, "lower");
  const gap = reverse.logPartition - forward.logPartition - above.distance - below.distance;
  const error = Math.hypot(forward.standardError, reverse.standardError, above.error, below.error);
  return [
    ...forward.advice.map((remark) => `lower bound: ${remark}`),
    ...reverse.advice.map((remark) => `upper bound: ${remark}`),
    ...above.advice,
    ...below.advice,
    ...(approximate ? ["the upper bound is approximate: its draws are only as good as the chains they came from"] : []),
    ...adviceOnGap(gap, error, approximate),
  ];
}

/** The schedule that a rule chooses, found in a separate run, so that the bounds remain bounds. */
async function schedule<X extends TensorTree>(runner: AnnealingRunner<X>, { betas, key }: BoundsOptions<X>) {
  if (typeof betas !== "function") return betas;
  const pilot = await runner.forward(betas, key);
  tree.dispose(pilot.position);
  return pilot.betas;
}

/**
 * Bounds of log Z of `to` from below (forward) and above (reverse).
 *
 * @throws ValidationError as {@link annealedImportance}; and when `to` has no sampler and no draws
 *   are given.
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
