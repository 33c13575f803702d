/** Estimates of a run with the exact values. */
import type { SummaryRow } from "@ergodic/samplers";
import type { ModeVisits, OccupancyTest } from "@ergodic/samplers/diagnostics";

/**
 * An estimate and the exact value. Exact values that are not known are NaN, as are their errors.
 */
export interface QuantityRow extends SummaryRow {
  readonly exactMean: number;
  readonly exactSd: number;
  /** (mean - exact mean)/MCSE of the mean. Within ±4 for right draws. */
  readonly meanError: number;
  /** (sd - exact sd)/MCSE of the standard deviation. Within ±4 for right draws. */
  readonly sdError: number;
  /** Whether each of the two is outside ±4. */
  readonly wrong: { readonly mean: boolean; readonly sd: boolean };
}

export interface ModeSummary extends ModeVisits {
  /** The exact shares. */
  readonly weights: readonly number[];
  /** Absent when no chain changed its mode: the effective number of draws is then unknown. */
  readonly test?: OccupancyTest;
}
