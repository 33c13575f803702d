/** From what was measured of a model's chain to a verdict, with the evidence in words. */
import { modeVisits, type ModeVisits } from "@ergodic/samplers";
import type { ModelChain } from "@ergodic/training";
import { troubles } from "../chains/findings.js";
import { short } from "../terminal/format.js";
import type { LongRun } from "./long-run.js";
import { nearlyAgreed, rowsOf, type FollowedRow } from "./rows.js";
import type { ClassVisits, PictureChange } from "./pictures.js";
import type { ShortRunComparison } from "./short-run.js";

/** Everything that was found out about one chain; what could not be measured is absent. */
export interface ChainDiagnosis {
  readonly description: string;
  /**
   * "mixes": chains from scattered starts agree, with enough effective draws. "mixes slowly": no R-hat is above {@link nearlyAgreed}, but
   * the run was too short to be sure.
   */
  readonly verdict: "mixes" | "mixes slowly" | "does not mix" | "diverges";
  /** What speaks against the chain, worst first for each kind. */
  readonly troubles: readonly string[];
  /** What else was seen, good or bad. */
  readonly evidence: readonly string[];
  /** K. */
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
  readonly chain: ModelChain;
  readonly run: LongRun;
  readonly shortRun: ShortRunComparison;
  readonly pictures: PictureChange | undefined;
  readonly classes: ClassVisits | undefined;
}

/** The verdict on a chain. */
export function judge({ chain, run, shortRun, pictures, classes }: Measured): ChainDiagnosis {
  const { diverged, discarded, labels } = run;
  const rows = diverged === undefined ? rowsOf(run) : [];
  const found =
    diverged === undefined
      ? troubles(rows, run.energy.chains.length)
      : [
          `chain ${diverged.chain} left the finite numbers at step ${diverged.step}: the step is too large, or the energy has no floor`,
        ];
  const verdict = diverged === undefined ? verdictOn(rows, found) : "diverges";
  const modes = labels && diverged === undefined ? modeVisits(labels.chains) : undefined;
  return {
    description: chain.description,
    verdict,
    troubles: found,
    evidence: [
      ...(rows.length === 0 ? [] : [memory(rows, chain.steps)]),
      drift(shortRun, verdict),
      ...distances(shortRun),
      ...(modes === undefined ? [] : [travel(modes, "mode", 1, modes.occupancy.filter((share) => share > 0).length)]),
      ...(classes === undefined
        ? []
        : [travel(classes, "nearest class mean", classes.stretch, classes.classes), trust(classes)]),
      ...(pictures === undefined ? [] : [change(pictures)]),
    ],
    learningSteps: chain.steps,
    discarded,
    rows,
    shortRun,
    ...(pictures && { pictures }),
    ...(classes && { classes }),
    ...(modes && { modes }),
    ...(diverged && { diverged }),
  };
}

function verdictOn(rows: readonly FollowedRow[], found: readonly string[]): ChainDiagnosis["verdict"] {
  if (found.length === 0) return "mixes";
  return rows.every(({ rHat }) => rHat <= nearlyAgreed) ? "mixes slowly" : "does not mix";
}

/** How long the slowest number remembers, in steps and in short runs. */
function memory(rows: readonly FollowedRow[], steps: number): string {
  const slowest = rows.reduce((a, b) => (b.time > a.time ? b : a));
  const runs = short(slowest.time / steps);
  return `memory: ${slowest.name} takes ${short(slowest.time)} steps to forget, ${runs} times the ${steps} steps of a short run; the energy ${short(rows[0]!.time)}`;
}

/** A change of energy counts beyond so many standard errors, and beyond this share of its standard deviation. */
const clearly = { errors: 4, share: 0.1 };

/** Whether the energy stays where the short run left it. */
function drift({ short: early, long }: ShortRunComparison, verdict: ChainDiagnosis["verdict"]): string {
  const change = long.energy - early.energy;
  const numbers = `energy ${short(early.energy)} ± ${short(early.error)} after ${early.steps} steps, ${short(long.energy)} ± ${short(long.error)} from step ${long.steps / 2} to ${long.steps}`;
  if (!Number.isFinite(change)) return `${numbers}: longer chains leave the finite numbers`;
  const sure = Math.abs(change) > clearly.errors * Math.hypot(early.error, long.error);
  if (sure && Math.abs(change) > clearly.share * long.sd)
    return `${numbers}: the short run is not at equilibrium, ${short(Math.abs(change) / long.sd)} standard deviations away; its samples follow the law after ${early.steps} steps, not exp(-E)`;
  return verdict === "does not mix"
    ? `${numbers}: the energy stays, which says little of chains that do not mix`
    : `${numbers}: the short run ends at equilibrium, as far as the energy tells`;
}

/** Whether longer chains still make what the data looks like. */
function distances({ short: early, long, floor }: ShortRunComparison): string[] {
  if (early.fpd === undefined || long.fpd === undefined || floor === undefined) return [];
  const numbers = `FPD ${short(early.fpd)} after ${early.steps} steps, ${short(long.fpd)} after ${long.steps} (floor ${short(floor)})`;
  const ratio = long.fpd / early.fpd;
  const verdict =
    ratio > 1.25
      ? "longer chains drift away from the data"
      : ratio < 0.8
        ? "longer chains come nearer to the data"
        : "longer chains stay as near to the data";
  return [`${numbers}: ${verdict}`];
}

function travel({ hopRate, visited }: ModeVisits, what: string, stretch: number, most: number): string {
  const every = stretch === 1 ? "steps" : `stretches of ${stretch} steps`;
  const [least, highest] = [Math.min(...visited), Math.max(...visited)];
  const seen = least === highest ? String(least) : `${least} to ${highest}`;
  return `${what}: changes in ${short(100 * hopRate)} % of ${every}; each chain has seen ${seen} of ${most}`;
}

const trust = ({ agreement }: ClassVisits): string =>
  `nearest class means are a coarse label: they are right for ${short(100 * agreement)} % of the test images`;

const change = ({ ratio, stretch }: PictureChange): string =>
  `pictures: ${stretch} steps change a picture by ${short(100 * ratio)} % of what sets two chains apart`;
