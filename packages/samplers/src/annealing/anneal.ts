/**
 * The loop of annealed importance sampling, forward and in reverse: weighted draws are moved along
 * a schedule.
 */
import { fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { importanceSampleSize } from "../diagnostics/importance.js";
import { logMeanExp, systematicResample } from "./log-weights.js";
import type { Moves } from "./moves.js";
import type { NextBeta } from "./schedules.js";

/** The record of one level. */
export interface Level {
  readonly beta: number;
  /**
   * Mean probability of acceptance of the move there; undefined for kernels without an accept step.
   */
  readonly acceptance: number | undefined;
  /** Effective sample size of the weights after the level's increment, before any resampling. */
  readonly effectiveSize: number;
  readonly resampled: boolean;
}

/**
 * Draws at the end of a schedule. The mean of their weights estimates the ratio of the partition
 * functions of its two ends.
 */
export interface Annealed<X extends TensorTree> {
  readonly position: X;
  readonly logWeights: Float64Array;
  /** For each draw the number of the first draw it descends from: its own without resampling. */
  readonly ancestors: Int32Array;
  readonly levels: readonly Level[];
  /** Share of the first draws at which the other end has no density. */
  readonly outside: number;
}

export interface AnnealOptions<X extends TensorTree> {
  /** Draws of the first end. The function disposes of them. */
  readonly start: X;
  /** From one end to the other, in either direction; or a rule for the next β, starting from 0. */
  readonly schedule: readonly number[] | NextBeta;
  readonly key: Key;
  readonly resample: boolean;
}

/** An adaptive schedule with more levels than this makes no progress. */
const mostLevels = 10_000;

/** The state of a run. */
type Run<X extends TensorTree> = Omit<Annealed<X>, "levels" | "outside"> & { readonly differences: Float64Array };

const startAt = <X extends TensorTree>(position: X, differences: Float64Array = new Float64Array(0)): Run<X> => ({
  position,
  differences,
  logWeights: new Float64Array(differences.length),
  ancestors: Int32Array.from(differences.keys()),
});

/** The β after this one, nothing after the last. */
function nextOf(schedule: AnnealOptions<TensorTree>["schedule"], k: number, beta: number, run: Run<TensorTree>) {
  if (typeof schedule !== "function") return schedule[k];
  if (beta === 1) return undefined;
  const next = schedule({ beta, differences: run.differences, logWeights: run.logWeights });
  if (!(next > beta && next <= 1) || k > mostLevels) {
    fail(
      `the schedule goes from beta ${beta} to ${next} at level ${k}`,
      `a number in (${beta}, 1], and at most ${mostLevels} levels`,
      "the ends are too far apart: start from a reference nearer to the target",
    );
  }
  return next;
}

/**
 * As many draws, chosen by weight. All weights become their mean, so the mean of the weights does
 * not change.
 */
async function resampled<X extends TensorTree>(moves: Moves<X>, run: Run<X>, key: Key): Promise<Run<X>> {
  const chosen = systematicResample(run.logWeights, random.host.uniform(key, 1)[0]!);
  const position = await moves.choose(run.position, chosen);
  tree.dispose(run.position);
  return {
    position,
    logWeights: new Float64Array(chosen.length).fill(logMeanExp(run.logWeights)),
    ancestors: chosen.map((i) => run.ancestors[i]!),
    differences: Float64Array.from(chosen, (i) => run.differences[i]!),
  };
}

/** log w - Δβ (E₁ - E₀). @throws ValidationError when nothing is left. */
function reweighted<X extends TensorTree>(run: Run<X>, step: number): Run<X> {
  if (step === 0) return run;
  const logWeights = run.logWeights.map((logWeight, i) => logWeight - step * run.differences[i]!);
  if (logWeights.every((value) => value === -Infinity)) {
    fail("every draw has weight 0", "ends that overlap", "start from a reference that covers the target");
  }
  return { ...run, logWeights };
}

/** Moves the draws to another level; frees the position it is given. */
async function atLevel<X extends TensorTree>(
  moves: Moves<X>,
  run: Run<X>,
  { beta, key }: { readonly beta: number; readonly key: Key },
): Promise<{ run: Run<X>; acceptance: number | undefined }> {
  const { position, differences, acceptance, logWeights } = await moves.move(run.position, beta, key);
  tree.dispose(run.position);
  const corrected = logWeights ? run.logWeights.map((logWeight, i) => logWeight + logWeights[i]!) : run.logWeights;
  return { run: { position, differences, logWeights: corrected, ancestors: run.ancestors }, acceptance };
}

/**
 * Along β_0, β_1, ...: log w ← log w - (β_k - β_{k-1})(E₁ - E₀)(x), resampling if asked for and
 * due, then a move at β_k.
 *
 * Resampling sets the weights of all draws to their mean, so log Ẑ is the log of the mean weight
 * with and without it.
 */
export async function anneal<X extends TensorTree>(
  moves: Moves<X>,
  { start, schedule, key, resample }: AnnealOptions<X>,
): Promise<Annealed<X>> {
  const [moveKey, resampleKey] = random.split(key) as [Key, Key];
  const levels: Level[] = [];
  let beta = typeof schedule === "function" ? 0 : schedule[0]!;
  let run: Run<X> = startAt(start);
  try {
    run = startAt(start, await moves.differences(start, beta));
    const outside =
      run.differences.filter((difference) => !Number.isFinite(difference)).length / run.differences.length;
    for (let k = 1; ; k++) {
      const next = nextOf(schedule, k, beta, run);
      if (next === undefined) break;
      run = reweighted(run, next - beta);
      const effectiveSize = importanceSampleSize(run.logWeights);
      const due = resample && effectiveSize < run.logWeights.length / 2;
      if (due) run = await resampled(moves, run, random.fold(resampleKey, k));
      const moved = await atLevel(moves, run, { beta: next, key: random.fold(moveKey, k) });
      run = moved.run;
      levels.push({ beta: next, acceptance: moved.acceptance, effectiveSize, resampled: due });
      beta = next;
    }
    const { position, logWeights, ancestors } = run;
    return { position, logWeights, ancestors, levels, outside };
  } catch (error) {
    tree.dispose(run.position);
    throw error;
  }
}
