/**
 * Detects metrics that grow without bound while they are still finite.
 *
 * The base of a metric is the smallest median of ten consecutive magnitudes, and at least 1. A
 * metric may therefore fall by any factor, and rise from zero to the size of a loss. It has
 * exploded if, five iterations in a row,
 *
 *     |m| > min(2^53, 10^6 max(base, 1) max(1, t / 1000))    at iteration t.
 *
 * - The factor t / 1000 permits counters and energies that drift in proportion to time.
 * - From 2^53 on, float64 no longer represents every integer. No measurement of data is that large.
 * - Zeros are ignored: the metric of a later phase is zero before that phase.
 * - Magnitudes out of bounds do not enter the base.
 */

import type { MetricsLine } from "./metrics.js";

/** An exploded metric. */
export interface Explosion {
  readonly metric: string;
  readonly value: number;
  /** The largest magnitude within bounds. */
  readonly bound: number;
  /** The first iteration out of bounds, counted from 1. */
  readonly since: number;
}

/** Watches the metrics of a run. */
export interface ExplosionWatch {
  /**
   * Records the finite metrics of an iteration, counted from 1. Returns the explosion once it has
   * lasted five iterations.
   */
  see(iteration: number, metrics: Readonly<Record<string, number>>): Explosion | undefined;
  /** The out-of-bounds metric of the last iteration, if any, lasting or not. */
  suspicion(): Explosion | undefined;
}

const growth = 1e6;
const drift = 1000;
const ceiling = 2 ** 53;
const windowLength = 10;
const patience = 5;

interface History {
  readonly recent: readonly number[];
  readonly base: number;
}

const unseen: History = { recent: [], base: Infinity };

/** @param past metrics of earlier invocations of `train`; they count as seen */
export function explosionWatch(past: readonly MetricsLine[] = []): ExplosionWatch {
  const histories = new Map<string, History>();
  let standing: Explosion | undefined;
  let lasted = 0;

  const see: ExplosionWatch["see"] = (iteration, metrics) => {
    let worst: Explosion | undefined;
    for (const [metric, value] of Object.entries(metrics)) {
      const magnitude = Math.abs(value);
      const history = histories.get(metric) ?? unseen;
      const bound = boundOf(history, iteration);
      if (magnitude <= bound) {
        if (magnitude > 0) histories.set(metric, extended(history, magnitude));
      } else if (worst === undefined || magnitude / bound > Math.abs(worst.value) / worst.bound) {
        worst = { metric, value, bound, since: standing?.since ?? iteration };
      }
    }
    standing = worst;
    lasted = worst === undefined ? 0 : lasted + 1;
    return lasted >= patience ? standing : undefined;
  };

  for (const { iteration, seconds: _, phase: __, ...metrics } of past) {
    see(iteration, metrics as Readonly<Record<string, number>>);
  }
  return { see, suspicion: () => standing };
}

/**
 * The largest magnitude within bounds. A metric without a history is bounded by the ceiling only.
 */
function boundOf({ base }: History, iteration: number): number {
  return Math.min(ceiling, growth * Math.max(base, 1) * Math.max(1, iteration / drift));
}

function extended({ recent, base }: History, magnitude: number): History {
  const window = [...recent, magnitude].slice(-windowLength);
  return { recent: window, base: Math.min(base, lowerMedian(window)) };
}

function lowerMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
}
