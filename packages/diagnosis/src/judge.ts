/** The verdict on a model's chain, with its evidence as data. */
import { modeVisits, type ModeVisits } from "@ergodic/samplers/diagnostics";
import type { ModelChain } from "@ergodic/training";
import type { ClassVisits } from "./class-visits.js";
import { followedRows, type FollowedRow } from "./followed.js";
import type { LongRun } from "./long-run.js";
import type { PictureChange } from "./picture-change.js";
import type { ShortRunComparison } from "./short-run.js";
import { mixingTroubles, type MixingTrouble } from "./troubles.js";

/**
 * - `mixes`: chains from scattered starts agree, with enough effective draws.
 * - `mixes slowly`: no R-hat is above 1.05, but the run was too short for a clear answer.
 * - `does not mix`: chains disagree, or do not move.
 * - `diverges`: a chain has a number that is not finite.
 */
export type Verdict = "mixes" | "mixes slowly" | "does not mix" | "diverges";

/** A problem of a chain. `diverged`: at this step the chain has a number that is not finite. */
export type ChainTrouble = MixingTrouble | { readonly kind: "diverged"; readonly chain: number; readonly step: number };

/** The largest autocorrelation time of the recorded numbers. */
export interface Memory {
  readonly name: string;
  /** The autocorrelation time, in steps. */
  readonly time: number;
  /** The autocorrelation time, in short runs. */
  readonly shortRuns: number;
  /** The autocorrelation time of the energy, in steps. */
  readonly energyTime: number;
}

/**
 * Whether the energy stays where the short run left it:
 *
 * - `away`: it changes by this many standard deviations, so samples of the short run do not follow
 *   exp(-E).
 * - `reached`: it stays.
 * - `unclear`: it stays, but the chains do not mix, so this says little.
 * - `diverges`: longer chains have numbers that are not finite.
 */
export type Equilibrium =
  { readonly state: "away"; readonly deviations: number } | { readonly state: "reached" | "unclear" | "diverges" };

/**
 * Distance of longer chains from the data compared with short ones: larger or smaller by more than
 * a quarter, or about equal.
 */
export type Drift = "further" | "nearer" | "as near";

/** The diagnosis of one chain. Quantities that could not be measured are absent. */
export interface ChainDiagnosis {
  readonly description: string;
  readonly verdict: Verdict;
  /** Problems of the chain, the worst case of each kind. */
  readonly troubles: readonly ChainTrouble[];
  readonly memory?: Memory;
  readonly equilibrium: Equilibrium;
  readonly drift?: Drift;
  /** K, the steps of a short run. */
  readonly learningSteps: number;
  readonly discarded: number;
  /** The energy, then the numbers of the position. */
  readonly rows: readonly FollowedRow[];
  readonly shortRun: ShortRunComparison;
  readonly pictures?: PictureChange;
  readonly classes?: ClassVisits;
  readonly modes?: ModeVisits;
  readonly diverged?: LongRun["diverged"];
}

export interface Measured {
  readonly chain: Pick<ModelChain, "description" | "steps">;
  readonly run: LongRun;
  readonly shortRun: ShortRunComparison;
  readonly pictures?: PictureChange | undefined;
  readonly classes?: ClassVisits | undefined;
}

/** Chains with an R-hat up to this value nearly agree. */
const nearlyAgreed = 1.05;

/** The verdict on a chain. */
export function judge({ chain, run, shortRun, pictures, classes }: Measured): ChainDiagnosis {
  const { diverged, discarded, labels } = run;
  const rows = diverged === undefined ? followedRows([run.energy, ...run.numbers]) : [];
  const troubles: ChainTrouble[] =
    diverged === undefined
      ? mixingTroubles(rows, run.energy.chains.length)
      : [{ kind: "diverged", chain: diverged.chain, step: diverged.step }];
  const verdict = diverged === undefined ? verdictOn(rows, troubles) : "diverges";
  const drift = driftOf(shortRun);
  return {
    description: chain.description,
    verdict,
    troubles,
    ...(rows.length > 0 && { memory: memoryOf(rows, chain.steps) }),
    equilibrium: equilibriumOf(shortRun, verdict),
    ...(drift && { drift }),
    learningSteps: chain.steps,
    discarded,
    rows,
    shortRun,
    ...(pictures && { pictures }),
    ...(classes && { classes }),
    ...(labels && diverged === undefined && { modes: modeVisits(labels.chains) }),
    ...(diverged && { diverged }),
  };
}

function verdictOn(rows: readonly FollowedRow[], troubles: readonly ChainTrouble[]): Verdict {
  if (troubles.length === 0) return "mixes";
  return rows.every(({ rHat }) => rHat <= nearlyAgreed) ? "mixes slowly" : "does not mix";
}

function memoryOf(rows: readonly FollowedRow[], steps: number): Memory {
  const { name, time } = rows.reduce((a, b) => (b.time > a.time ? b : a));
  return { name, time, shortRuns: time / steps, energyTime: rows[0]!.time };
}

/**
 * A change of energy counts if it exceeds this many standard errors, and this share of the standard
 * deviation.
 */
const clearly = { errors: 4, share: 0.1 };

function equilibriumOf({ short, long }: ShortRunComparison, verdict: Verdict): Equilibrium {
  const change = Math.abs(long.energy - short.energy);
  if (!Number.isFinite(change)) return { state: "diverges" };
  const sure = change > clearly.errors * Math.hypot(short.error, long.error);
  if (sure && change > clearly.share * long.sd) return { state: "away", deviations: change / long.sd };
  return { state: verdict === "does not mix" ? "unclear" : "reached" };
}

function driftOf({ short, long, floor }: ShortRunComparison): Drift | undefined {
  if (short.distance === undefined || long.distance === undefined || floor === undefined) return undefined;
  const ratio = long.distance / short.distance;
  return ratio > 1.25 ? "further" : ratio < 0.8 ? "nearer" : "as near";
}
