/**
 * Energy-based learning can run away: energies grow without bound, then a metric or a parameter is NaN or infinite and nothing that
 * follows means anything. Training stops there and says so; the last good checkpoint stays as it is.
 */
import { TrainingError } from "./errors.js";
import { firstNonFinite, type HostTensor } from "./snapshot.js";

/** What is known when a run has diverged. */
export interface Divergence {
  /** The metric, or the path of the tensor in the state. */
  readonly metric: string;
  readonly value: number;
  /** The iteration, counted from 1, that gave it. */
  readonly iteration: number;
  /** Metrics of the iteration before, undefined when there was none in this sitting. */
  readonly lastFinite: Readonly<Record<string, number>> | undefined;
  /** Path of the last good checkpoint. */
  readonly lastCheckpoint: string | undefined;
}

/** A metric or a parameter is no longer finite. */
export class DivergenceError extends TrainingError implements Divergence {
  override readonly name = "DivergenceError";
  readonly metric: string;
  readonly value: number;
  readonly iteration: number;
  readonly lastFinite: Readonly<Record<string, number>> | undefined;
  readonly lastCheckpoint: string | undefined;

  constructor({ metric, value, iteration, lastFinite, lastCheckpoint }: Divergence) {
    const before = Object.entries(lastFinite ?? {}).map(([name, x]) => `${name} ${Number(x.toPrecision(4))}`);
    const lines = [
      `training diverged: ${metric} is ${value} at iteration ${iteration}.`,
      before.length === 0 ? "There was no iteration before it." : `The iteration before had ${before.join(", ")}.`,
      lastCheckpoint === undefined
        ? "No checkpoint was written before it."
        : `The last good checkpoint is ${lastCheckpoint}; it was not touched.`,
    ];
    super(
      lines.join("\n  "),
      "What helps: a lower learning rate (of the prior or energy first), clipping the gradients, fewer or smaller Langevin steps, another seed.",
    );
    this.metric = metric;
    this.value = value;
    this.iteration = iteration;
    this.lastFinite = lastFinite;
    this.lastCheckpoint = lastCheckpoint;
  }
}

/** Where a run stands, for the message. */
export type Standing = Pick<Divergence, "iteration" | "lastFinite" | "lastCheckpoint">;

/** @throws DivergenceError for the first metric that is NaN or infinite. */
export function assertFiniteMetrics(metrics: Readonly<Record<string, number>>, standing: Standing): void {
  for (const [metric, value] of Object.entries(metrics)) {
    if (!Number.isFinite(value)) throw new DivergenceError({ metric, value, ...standing });
  }
}

/** @throws DivergenceError for the first tensor of the state that holds NaN or infinity. */
export function assertFiniteState(tensors: readonly HostTensor[], standing: Standing): void {
  const found = firstNonFinite(tensors);
  if (found !== undefined) throw new DivergenceError({ metric: found.name, value: found.value, ...standing });
}
