/**
 * Energy-based learning can run away: energies grow without bound, then a metric or a parameter is
 * NaN or infinite and nothing that follows means anything. Training stops there and says so; the
 * last good checkpoint stays as it is.
 */
import { TrainingError } from "./errors.js";
import type { Explanation } from "./explanation.js";
import { firstNonFinite, type HostTensor } from "./snapshot.js";

/** What shows that a run has diverged. */
export interface Symptom {
  /** The metric, or the path of the tensor in the state. */
  readonly metric: string;
  readonly value: number;
  /** The largest magnitude that a finite value was allowed. */
  readonly bound?: number;
  /** The iteration, counted from 1, that gave the first such value. */
  readonly since: number;
}

/** What is known when a run has diverged. */
export interface Divergence extends Symptom {
  /** The iteration, counted from 1, after which it was noticed. */
  readonly iteration: number;
  /** Metrics of the iteration before, undefined when there was none in this sitting. */
  readonly lastFinite: Readonly<Record<string, number>> | undefined;
  /** Path of the last good checkpoint. */
  readonly lastCheckpoint: string | undefined;
  readonly explanation: Explanation;
}

/** A metric or a parameter is no longer finite, or grows without bound. */
export class DivergenceError extends TrainingError {
  override readonly name = "DivergenceError";
  readonly metric: string;
  readonly value: number;
  readonly iteration: number;
  readonly lastFinite: Readonly<Record<string, number>> | undefined;
  readonly lastCheckpoint: string | undefined;
  /** What the run was led astray by, as far as can be told. */
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

/** The first tensor of the state that holds NaN or infinity. */
export function nonFiniteState(tensors: readonly HostTensor[], iteration: number): Symptom | undefined {
  const found = firstNonFinite(tensors);
  return found && { metric: found.name, value: found.value, since: iteration };
}
