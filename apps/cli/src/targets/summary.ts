/** What a run on a target comes to: estimates beside the truth, diagnostics, cost, and in words what is wrong. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import type { Target } from "@ergodic/energies";
import {
  expectedSquaredJumpDistance,
  modeVisits,
  nearestMode,
  occupancyTest,
  summarize,
  summarizeTempering,
  summarizeTransitions,
  type ModeVisits,
  type OccupancyTest,
  type SummaryRow,
  type TransitionSummary,
} from "@ergodic/samplers";
import { troubles } from "../chains/findings.js";
import type { Followed } from "../chains/plots.js";
import { rowsOf } from "../chains/rows.js";
import { short } from "../terminal/format.js";
import type { MadeKernel } from "./kernels.js";
import type { ChainRun } from "./run-chains.js";

/** An estimate beside what is exact. */
export interface QuantityRow extends SummaryRow {
  readonly exactMean: number;
  readonly exactSd: number;
  /** (mean - exact mean)/MCSE of the mean, and the same for the standard deviation. Within ±4 for right draws. */
  readonly meanError: number;
  readonly sdError: number;
}

export interface ModeSummary extends ModeVisits {
  /** The exact shares. */
  readonly weights: readonly number[];
  /** Absent when no chain changed its mode, since then nothing says how many draws count. */
  readonly test?: OccupancyTest;
}

export interface TargetSummary {
  readonly quantities: readonly QuantityRow[];
  readonly transitions: TransitionSummary;
  readonly modes?: ModeSummary;
  /** E ‖x_{t+1} - x_t‖². */
  readonly jumpDistance: number;
  /** Of draws, over the smallest bulk ESS. */
  readonly gradientsPerEffectiveDraw: number;
  readonly effectiveDrawsPerSecond: number;
  readonly stepSize: number;
  readonly seconds: ChainRun["seconds"];
  /** What is wrong, in words; empty if nothing is. */
  readonly findings: readonly string[];
}

/** Every known quantity of a target followed through the chains. */
export function follow(target: Target, { positions }: ChainRun): Followed[] {
  const [chains, draws, dimension] = positions.shape;
  return target.quantities.map(({ name, of }) => {
    const values = tidy(() => tf.reshape(of(tf.reshape(positions, [chains * draws, dimension])), [chains, draws]));
    try {
      return { name, chains: rowsOf(values) };
    } finally {
      values.dispose();
    }
  });
}

/** Estimates further off than so many standard errors are wrong: one in 16,000 right ones is. */
export const allowedError = 4;

/** The summary of a run; tensors are kept. */
export function summarizeRun(
  target: Target,
  run: ChainRun,
  followed: readonly Followed[],
  made: MadeKernel,
): TargetSummary {
  const [chains, draws] = run.positions.shape;
  const quantities = followed.map(({ name, chains: values }, i): QuantityRow => {
    const [row] = summarize({ [name]: values }) as [SummaryRow];
    const { mean: exactMean, sd: exactSd } = target.quantities[i]!;
    return {
      ...row,
      exactMean,
      exactSd,
      meanError: (row.mean - exactMean) / row.mcseMean,
      sdError: (row.sd - exactSd) / row.mcseSd,
    };
  });
  const transitions = reported(run, made);
  const modes = target.modes && visitsOf(run, target.modes);
  const least = Math.min(...quantities.map(({ essBulk }) => essBulk));
  return {
    quantities,
    transitions,
    ...(modes && { modes }),
    jumpDistance: expectedSquaredJumpDistance(run.positions),
    gradientsPerEffectiveDraw: (transitions.gradients ?? chains * draws) / least,
    effectiveDrawsPerSecond: least / run.seconds.draws,
    stepSize: run.info["stepSize"]?.dataSync()[0] ?? made.stepSize,
    seconds: run.seconds,
    findings: [
      ...troubles(quantities, chains),
      ...wrongEstimates(quantities, "mean"),
      ...wrongEstimates(quantities, "sd"),
      ...(modes === undefined ? [] : wrongModes(modes)),
      ...transitions.advice,
      ...temperingAdvice(run),
    ],
  };
}

/** What the kernel said of its steps. Energies count where they hold a momentum. */
function reported({ info }: ChainRun, { momentum, maxTreeDepth }: MadeKernel) {
  const { acceptProb, divergent, energyError, energy, treeDepth, nGrad } = info;
  return summarizeTransitions({
    ...(acceptProb && { acceptProb }),
    ...(divergent && { divergent }),
    ...(energyError && { energyError }),
    ...(energy && momentum && { energy }),
    ...(treeDepth && maxTreeDepth !== undefined && { treeDepth, maxTreeDepth }),
    ...(nGrad && { nGrad }),
  });
}

function visitsOf({ positions }: ChainRun, { centres, weights }: NonNullable<Target["modes"]>): ModeSummary {
  const labels = nearestMode(positions, centres);
  const visits = modeVisits(labels);
  return { ...visits, weights, ...(visits.hopRate > 0 ? { test: occupancyTest(labels, weights) } : {}) };
}

/** The mean, or the standard deviation, that is further off than errors allow. */
function wrongEstimates(rows: readonly QuantityRow[], what: "mean" | "sd"): string[] {
  const [exact, error, verdict] =
    what === "mean"
      ? (["exactMean", "meanError", "the draws do not follow the target"] as const)
      : (["exactSd", "sdError", "the tails are not sampled, or too heavy for so few draws"] as const);
  const wrong = rows
    .filter((row) => Math.abs(row[error]) > allowedError)
    .sort((a, b) => Math.abs(b[error]) - Math.abs(a[error]));
  const [worst] = wrong;
  if (worst === undefined) return [];
  const others = wrong.length === 1 ? "" : ` (${wrong.length} of ${rows.length} ${what}s, this is the worst)`;
  return [
    `${worst.name}: the ${what} is ${short(worst[what])} where ${short(worst[exact])} is exact, ${short(Math.abs(worst[error]))} standard errors off: ${verdict}${others}`,
  ];
}

/** What the exchanges of replicas say, where there are any. */
function temperingAdvice({ info: { swapProb, walker } }: ChainRun): readonly string[] {
  return swapProb && walker ? summarizeTempering({ swapProb, walker }).advice : [];
}

const percent = (share: number): string => `${short(100 * share)} %`;

function wrongModes({ hopRate, visited, occupancy, weights, test }: ModeSummary): string[] {
  const missed = weights.flatMap((_, k) => ((occupancy[k] ?? 0) > 0 ? [] : [k]));
  const mass = missed.reduce((sum, k) => sum + weights[k]!, 0) / weights.reduce((sum, weight) => sum + weight, 0);
  const partial = visited.filter((count) => count < weights.length).length;
  const remarks = [
    missed.length > 0 &&
      `${missed.length} of ${weights.length} modes, with ${percent(mass)} of the target, were never visited: ${jumpAdvice}`,
    hopRate === 0
      ? `no chain ever changed its mode, so the shares of modes only say where chains started: ${jumpAdvice}`
      : partial > 0 && `${partial} of ${visited.length} chains did not see every mode: run longer, or ${jumpAdvice}`,
    test !== undefined &&
      test.chiSquared > test.degreesOfFreedom + allowedError * Math.sqrt(2 * test.degreesOfFreedom) &&
      `shares of modes are ${occupancy.map(short).join(", ")} where ${weights.map(short).join(", ")} are exact (χ² ${short(test.chiSquared)} of ${test.degreesOfFreedom}): chains change modes too rarely`,
  ];
  return remarks.filter((remark) => remark !== false);
}

const jumpAdvice = "temper (--kernel parallel-tempering), from more chains";
