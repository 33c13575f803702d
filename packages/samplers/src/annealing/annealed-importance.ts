/**
 * Annealed importance sampling: log Z of an energy, by moving exact draws of a known density
 * towards it.
 *
 * Along f_β = f_0^(1-β) f_1^β, f = exp(-E), draws x_0 ~ f_0/Z_0 are moved by kernels that leave
 * each f_β invariant, and
 *
 *   log w = Σ_k log f_{β_k}(x_{k-1}) - log f_{β_{k-1}}(x_{k-1}),  log Ẑ = log Z_0 + log mean w.
 *
 * Ẑ is unbiased, so log Ẑ is on average a lower bound of log Z. In reverse, from exact draws of f_1
 * back to f_0, the same gives an upper bound. With resampling (systematic, where the effective
 * sample size falls below N/2) this is tempered sequential Monte Carlo, with the same estimate.
 *
 * Neal (2001); Grosse, Ghahramani and Adams, arXiv 1511.02543; Del Moral, Doucet and Jasra (2006).
 */
import type * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import { anneal, type Annealed, type Level } from "./anneal.js";
import { summarizeWeights, type WeightSummary } from "./estimate.js";
import { logMeanExp, logSumByGroup } from "./log-weights.js";
import { openMoves, type KernelOf, type Moves, type StepSizeAt } from "./moves.js";
import { exactDraws, pathBetween, type Endpoint } from "./path.js";
import { assertSchedule, type NextBeta } from "./schedules.js";

export interface AnnealingOptions<X extends TensorTree = tf.Tensor> {
  /**
   * The known density, with exact draws and log Z: a prior, a flow, a generator in its latent
   * space.
   */
  readonly from: Endpoint<X>;
  /** The density whose log Z is estimated, over the same positions. */
  readonly to: Endpoint<X>;
  /**
   * The kernel of an energy, used once at every level: `(energy) => hmc({ energy, steps: 3 })`.
   *
   * Kernels without an accept step change the law of the draws, and are refused. {@link
   * weightedLangevin}, which corrects the weights, is allowed. Kernels start anew at every level,
   * so schedules of steps stay at their first value.
   */
  readonly kernel: KernelOf<X>;
  /** β from 0 to 1, or a rule like `adaptiveSchedule()`. */
  readonly betas: readonly number[] | NextBeta;
  /** N, the number of draws. */
  readonly chains: number;
  readonly key: Key;
  /** ε at each β. Default: the kernel's own, the same at every β. */
  readonly stepSize?: StepSizeAt;
  /**
   * Whether draws are resampled by weight whenever the effective sample size is below N/2. Draws
   * then change rows, so the energy must be the same for all rows. Default false.
   */
  readonly resample?: boolean;
}

/** The caller frees the position, with `tree.dispose`. */
export interface AnnealedEstimate<X extends TensorTree> extends WeightSummary {
  /** log Ẑ of `to`. */
  readonly logPartition: number;
  /** Draws at the end of the schedule. Weighted by `logWeights`, they are draws of that end. */
  readonly position: X;
  readonly logWeights: Float64Array;
  /**
   * Log weight of all draws that descend from each first draw: `logWeights` without resampling.
   * Errors are computed from these.
   */
  readonly contributions: Float64Array;
  /** The schedule that was used, from 0 to 1. */
  readonly betas: readonly number[];
  /** In the order they were visited. */
  readonly levels: readonly Level[];
  /**
   * Share of the first draws at which the other end has no density. No number of levels corrects
   * for it.
   */
  readonly outside: number;
}

/** An annealing problem with its programs compiled, for several runs. */
export interface AnnealingRunner<X extends TensorTree> {
  /** From exact draws of `from`. */
  forward(betas: readonly number[] | NextBeta, key: Key): Promise<AnnealedEstimate<X>>;
  /** From draws of `to`, which are not disposed. */
  reverse(draws: X, betas: readonly number[], key: Key): Promise<AnnealedEstimate<X>>;
  /** Draws of an end that has a sampler. */
  draw(end: "from" | "to", key: Key): Promise<X>;
  /** The number of recorded programs, which does not grow with the number of levels. */
  programs(): number;
  dispose(): Promise<void>;
}

function estimateOf<X extends TensorTree>(
  { position, logWeights, ancestors, levels, outside }: Annealed<X>,
  sign: 1 | -1,
  logPartition: number,
): AnnealedEstimate<X> {
  const contributions = logSumByGroup(logWeights, ancestors);
  const betas = levels.map(({ beta }) => beta);
  return {
    logPartition: logPartition + sign * logMeanExp(logWeights),
    ...summarizeWeights(contributions),
    position,
    logWeights,
    contributions,
    betas: sign === 1 ? [0, ...betas] : [...betas.reverse(), 1],
    levels,
    outside,
  };
}

/**
 * Compiles an annealing problem; {@link annealedImportance} and {@link annealedBounds} are the
 * forms for a single answer.
 */
export function openAnnealing<X extends TensorTree = tf.Tensor>({
  from,
  to,
  kernel,
  chains,
  stepSize,
  resample = false,
}: Omit<AnnealingOptions<X>, "betas" | "key">): AnnealingRunner<X> {
  assertPositiveInteger({ chains });
  const path = pathBetween({ name: "from", energy: from.energy }, { name: "to", energy: to.energy }, "annealing");
  const moves: Moves<X> = openMoves(path, kernel, stepSize);
  const known = from.logPartition ?? 0;
  const samplers = { from: exactDraws(from, "from", chains), to: exactDraws(to, "to", chains) };
  return {
    async forward(betas, key) {
      if (typeof betas !== "function") assertSchedule(betas);
      const [startKey, runKey] = random.split(key) as [Key, Key];
      const start = await samplers.from(startKey);
      return estimateOf(await anneal(moves, { start, schedule: betas, key: runKey, resample }), 1, known);
    },
    async reverse(draws, betas, key) {
      assertSchedule(betas);
      chainCount(draws);
      const start = tree.clone(draws);
      return estimateOf(await anneal(moves, { start, schedule: betas.toReversed(), key, resample }), -1, known);
    },
    draw: (end, key) => samplers[end](key),
    programs: () => moves.programs(),
    async dispose() {
      await Promise.all([moves, samplers.from, samplers.to].map((each) => each.dispose()));
    },
  };
}

/**
 * Estimates log Z of `to`, on average from below.
 *
 * @throws ValidationError for ends without energies, a reference without a sampler, a schedule that
 *   does not rise from 0 to 1, a kernel that has neither an accept step nor weights, energies that
 *   are not `[n]` or not numbers, and ends that do not overlap.
 */
export async function annealedImportance<X extends TensorTree = tf.Tensor>({
  betas,
  key,
  ...problem
}: AnnealingOptions<X>): Promise<AnnealedEstimate<X>> {
  const runner = openAnnealing(problem);
  try {
    return await runner.forward(betas, key);
  } finally {
    await runner.dispose();
  }
}
