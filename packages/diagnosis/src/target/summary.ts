/**
 * Summarizes a run on a target with known moments: estimates and exact values, diagnostics, cost
 * and troubles.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { summarize, type SummaryRow } from "@ergodic/samplers";
import {
  expectedSquaredJumpDistance,
  modeVisits,
  nearestMode,
  occupancyTest,
  summarizeTransitions,
  type TransitionSummary,
} from "@ergodic/samplers/diagnostics";
import { summarizeTempering } from "@ergodic/samplers/tempering";
import { chainRows, type Followed } from "../followed.js";
import { mixingTroubles } from "../troubles.js";
import type { ChainRun, PreparedKernel } from "./run-chains.js";
import type { ModeSummary, QuantityRow } from "./estimates.js";
import { allowedError, estimateTroubles, modeTroubles, type TargetTrouble } from "./troubles.js";

/**
 * A target described structurally: what is known exactly. The targets of `@ergodic/energies`
 * satisfy it. A mean or standard deviation that is not known is NaN; estimates are then compared
 * with nothing.
 */
export interface KnownTarget {
  readonly quantities: readonly {
    readonly name: string;
    readonly mean: number;
    readonly sd: number;
    /** `[n, dimension]` to `[n]`. */
    of(x: tf.Tensor2D): tf.Tensor1D;
  }[];
  readonly modes?: { readonly centres: readonly (readonly number[])[]; readonly weights: readonly number[] };
}

export interface TargetSummary {
  readonly quantities: readonly QuantityRow[];
  readonly transitions: TransitionSummary;
  readonly modes?: ModeSummary;
  /** E ‖x_{t+1} - x_t‖². */
  readonly jumpDistance: number;
  /** Gradient evaluations of the draws, divided by the smallest bulk ESS. */
  readonly gradientsPerEffectiveDraw: number;
  readonly effectiveDrawsPerSecond: number;
  readonly stepSize: number;
  readonly seconds: ChainRun["seconds"];
  /** Empty when no problem was found. */
  readonly troubles: readonly TargetTrouble[];
}

/** Every known quantity of a target along the chains. */
export function followQuantities({ quantities }: KnownTarget, { positions }: ChainRun): Followed[] {
  const [chains, draws, dimension] = positions.shape;
  return quantities.map(({ name, of }) => {
    const values = tidy(() => tf.reshape(of(tf.reshape(positions, [chains * draws, dimension])), [chains, draws]));
    try {
      return { name, chains: chainRows(values) };
    } finally {
      values.dispose();
    }
  });
}

/**
 * The summary of a run. Tensors are kept. `followed` is the result of {@link followQuantities} for
 * the same run.
 */
export function summarizeRun(
  target: KnownTarget,
  run: ChainRun,
  followed: readonly Followed[],
  prepared: Pick<PreparedKernel, "stepSize" | "momentum" | "maxTreeDepth">,
): TargetSummary {
  const [chains, draws] = run.positions.shape;
  const quantities = followed.map(({ name, chains: values }, i): QuantityRow => {
    const [row] = summarize({ [name]: values }) as [SummaryRow];
    const { mean: exactMean, sd: exactSd } = target.quantities[i]!;
    const meanError = (row.mean - exactMean) / row.mcseMean;
    const sdError = (row.sd - exactSd) / row.mcseSd;
    const wrong = { mean: Math.abs(meanError) > allowedError, sd: Math.abs(sdError) > allowedError };
    return { ...row, exactMean, exactSd, meanError, sdError, wrong };
  });
  const transitions = transitionsOf(run, prepared);
  const modes = target.modes && visitsOf(run, target.modes);
  const least = Math.min(...quantities.map(({ essBulk }) => essBulk));
  return {
    quantities,
    transitions,
    ...(modes && { modes }),
    jumpDistance: expectedSquaredJumpDistance(run.positions),
    gradientsPerEffectiveDraw: (transitions.gradients ?? chains * draws) / least,
    effectiveDrawsPerSecond: least / run.seconds.draws,
    stepSize: run.info["stepSize"]?.dataSync()[0] ?? prepared.stepSize,
    seconds: run.seconds,
    troubles: [
      ...mixingTroubles(quantities, chains),
      ...estimateTroubles(quantities),
      ...(modes === undefined ? [] : modeTroubles(modes)),
      ...[...(run.lost ?? []), ...transitions.advice, ...temperingAdvice(run)].map(
        (text) => ({ kind: "kernel", text }) as const,
      ),
    ],
  };
}

/** The kernel's report of its steps. Energies are used if they include a momentum. */
function transitionsOf(
  { info }: ChainRun,
  { momentum, maxTreeDepth }: Pick<PreparedKernel, "momentum" | "maxTreeDepth">,
): TransitionSummary {
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

function visitsOf({ positions }: ChainRun, { centres, weights }: NonNullable<KnownTarget["modes"]>): ModeSummary {
  const labels = nearestMode(positions, centres);
  const visits = modeVisits(labels);
  return { ...visits, weights, ...(visits.hopRate > 0 ? { test: occupancyTest(labels, weights) } : {}) };
}

/** Advice from the replica exchanges. Empty for kernels without replicas. */
const temperingAdvice = ({ info: { swapProb, walker } }: ChainRun): readonly string[] =>
  swapProb && walker ? summarizeTempering({ swapProb, walker }).advice : [];
