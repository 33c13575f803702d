/** Problems of draws of a known target: wrong estimates, missed modes, modes in wrong shares. */
import type { MixingTrouble } from "../troubles.js";
import type { ModeSummary, QuantityRow } from "./estimates.js";

/** Estimates further off than this many standard errors are wrong. One in 16,000 right ones is. */
export const allowedError = 4;

/**
 * One problem of a run on a target:
 *
 * - `estimate`: the worst estimate of its kind, `errors` standard errors from the exact value.
 * - `missedModes`: modes without a draw, and their share of the target.
 * - `noHop`: no chain changed its mode, so the shares of modes reflect only the starts.
 * - `partialVisits`: chains that did not visit every mode.
 * - `modeShares`: shares of modes further from the exact ones than χ² allows.
 * - `kernel`: a problem in the kernel's own report, in words.
 */
export type TargetTrouble =
  | MixingTrouble
  | {
      readonly kind: "estimate";
      readonly what: "mean" | "sd";
      readonly name: string;
      readonly value: number;
      readonly exact: number;
      readonly errors: number;
      /** Number of wrong estimates of this kind. */
      readonly affected: number;
      readonly followed: number;
    }
  | { readonly kind: "missedModes"; readonly missed: number; readonly of: number; readonly share: number }
  | { readonly kind: "noHop" }
  | { readonly kind: "partialVisits"; readonly chains: number; readonly of: number }
  | {
      readonly kind: "modeShares";
      readonly shares: readonly number[];
      readonly exact: readonly number[];
      readonly chiSquared: number;
      readonly degreesOfFreedom: number;
    }
  | { readonly kind: "kernel"; readonly text: string };

/** The worst wrong mean and the worst wrong standard deviation, if any. */
export const estimateTroubles = (rows: readonly QuantityRow[]): TargetTrouble[] =>
  (["mean", "sd"] as const).flatMap((what) => {
    const [exact, error] = what === "mean" ? (["exactMean", "meanError"] as const) : (["exactSd", "sdError"] as const);
    const wrong = rows.filter((row) => row.wrong[what]).sort((a, b) => Math.abs(b[error]) - Math.abs(a[error]));
    const [worst] = wrong;
    if (worst === undefined) return [];
    return [
      {
        ...{ kind: "estimate", what, name: worst.name, value: worst[what], exact: worst[exact] },
        ...{ errors: Math.abs(worst[error]), affected: wrong.length, followed: rows.length },
      } as const,
    ];
  });

/** Missed modes, chains that visited few modes, and wrong shares. */
export function modeTroubles({ hopRate, visited, occupancy, weights, test }: ModeSummary): TargetTrouble[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const missed = weights.filter((_, k) => (occupancy[k] ?? 0) === 0);
  const share = missed.reduce((sum, weight) => sum + weight, 0) / total;
  const partial = visited.filter((count) => count < weights.length).length;
  const found: (TargetTrouble | false)[] = [
    missed.length > 0 && { kind: "missedModes", missed: missed.length, of: weights.length, share },
    hopRate === 0 ? { kind: "noHop" } : partial > 0 && { kind: "partialVisits", chains: partial, of: visited.length },
    test !== undefined &&
      test.chiSquared > test.degreesOfFreedom + allowedError * Math.sqrt(2 * test.degreesOfFreedom) && {
        ...{ kind: "modeShares", shares: occupancy, exact: weights.map((weight) => weight / total) },
        ...{ chiSquared: test.chiSquared, degreesOfFreedom: test.degreesOfFreedom },
      },
  ];
  return found.filter((trouble) => trouble !== false);
}
