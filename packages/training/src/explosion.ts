/**
 * Notices metrics that grow without bound while they are still finite, whatever they measure.
 *
 * The base of a metric is the smallest median that ten of its magnitudes in a row have had, and at least 1: a metric may fall by any
 * factor, and rise from nothing to the size of a loss. It has exploded while
 *
 *     |m| > min(2^53, 10^6 max(base, 1) max(1, t / 1000))    at iteration t,
 *
 * five iterations in a row. The factor t / 1000 lets counters and energies drift in proportion to time for ever; 2^53 is where even a double
 * no longer counts by ones, so that no measurement of data reaches it. Zeros are passed over: a metric of a later phase is zero before it.
 * Magnitudes that are out of bound do not become part of the base.
 */

import type { MetricsLine } from "./metrics.js";

/** A metric that exploded. */
export interface Explosion {
  readonly metric: string;
  readonly value: number;
  /** The largest magnitude that would have been within bounds. */
  readonly bound: number;
  /** The first iteration, counted from 1, that was out of bounds. */
  readonly since: number;
}

/** Watches the metrics of a run. */
export interface ExplosionWatch {
  /**
   * Takes the finite metrics of an iteration, counted from 1. The explosion, once it has lasted.
   */
  see(iteration: number, metrics: Readonly<Record<string, number>>): Explosion | undefined;
  /** What the last iteration gave, if it was out of bounds, lasting or not. */
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

/** @param past metrics of earlier sittings, which count as if they had been seen */
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
 * The largest magnitude that is within bounds; a metric without a history has the ceiling alone.
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
