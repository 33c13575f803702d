/**
 * Detects diverged runs: metrics or parameters that are NaN or infinite.
 *
 * In energy-based learning, energies can grow without bound until a metric or parameter is not
 * finite. Later results are meaningless. Training stops there with an error, and the last good
 * checkpoint is kept.
 */
import { TrainingError } from "./errors.js";
import type { Explanation } from "./explanation.js";
import { firstNonFinite, type HostTensor } from "./snapshot.js";

/** The evidence that a run has diverged. */
export interface Symptom {
  /** The metric, or the path of the tensor in the state. */
  readonly metric: string;
  readonly value: number;
  /** The largest magnitude allowed for a finite value. */
  readonly bound?: number;
  /** The iteration, counted from 1, of the first such value. */
  readonly since: number;
}

/** What is known about a divergence. */
export interface Divergence extends Symptom {
  /** The iteration, counted from 1, after which it was noticed. */
  readonly iteration: number;
  /** Metrics of the previous iteration, or undefined when this invocation of `train` had none. */
  readonly lastFinite: Readonly<Record<string, number>> | undefined;
  /** Path of the last good checkpoint. */
  readonly lastCheckpoint: string | undefined;
  readonly explanation: Explanation;
}

/** Thrown when a metric or parameter is not finite, or a metric grows without bound. */
export class DivergenceError extends TrainingError {
  override readonly name = "DivergenceError";
  readonly metric: string;
  readonly value: number;
  readonly iteration: number;
  readonly lastFinite: Readonly<Record<string, number>> | undefined;
  readonly lastCheckpoint: string | undefined;
  /** The likely cause of the divergence. */
  readonly reason: Explanation["reason"];

  constructor(divergence: Divergence) {
    const { metric, value, iteration, lastFinite, lastCheckpoint, explanation } = divergence;
    const before = Object.entries(lastFinite ?? {}).map(([name, x]) => `${name} ${Number(x.toPrecision(4))}`);
    const lines = [
      `training diverged: ${whatHappened(divergence)}`,
      before.length === 0 ? "There was no iteration before it." : `The iteration before had ${before.join(", ")}.`,
      explanation.text,
      lastCheckpoint === undefined
        ? "No checkpoint was written before it."
        : `The last good checkpoint is ${lastCheckpoint}; it was not touched.`,
    ];
    super(lines.join("\n  "), explanation.remedy);
    this.metric = metric;
    this.value = value;
    this.iteration = iteration;
    this.lastFinite = lastFinite;
    this.lastCheckpoint = lastCheckpoint;
    this.reason = explanation.reason;
  }
}

function whatHappened({ metric, value, bound, since, iteration }: Divergence): string {
  if (bound === undefined) return `${metric} is ${value} at iteration ${iteration}.`;
  const first = since === iteration ? "" : `, since iteration ${since}`;
  return `${metric} is ${value.toPrecision(3)} at iteration ${iteration}, beyond ${bound.toPrecision(1)}${first}.`;
}

/** The first metric that is NaN or infinite. */
export function nonFiniteMetric(metrics: Readonly<Record<string, number>>, iteration: number): Symptom | undefined {
  const found = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  return found && { metric: found[0], value: found[1], since: iteration };
}

/** The first metric whose magnitude is beyond the limit that the learner gives it. */
export function beyondLimit(
  metrics: Readonly<Record<string, number>>,
  limits: Readonly<Record<string, number>>,
  iteration: number,
): Symptom | undefined {
  const found = Object.entries(limits).find(([name, bound]) => Math.abs(metrics[name] ?? 0) > bound);
  return found && { metric: found[0], value: metrics[found[0]]!, bound: found[1], since: iteration };
}

/** The first tensor of the state that holds NaN or infinity. */
export function nonFiniteState(tensors: readonly HostTensor[], iteration: number): Symptom | undefined {
  const found = firstNonFinite(tensors);
  return found && { metric: found.name, value: found.value, since: iteration };
}
