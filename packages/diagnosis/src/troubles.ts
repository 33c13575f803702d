/** Problems of chains, by their diagnostics. Each kind has its worst number as evidence. */
import type { SummaryRow } from "@ergodic/samplers";
import { highestRHat, leastEffectiveSize } from "@ergodic/samplers/diagnostics";

/** The worst affected number, and how many are affected. */
interface Worst {
  readonly name: string;
  /** How many numbers have this problem. */
  readonly affected: number;
  /** How many numbers were recorded. */
  readonly followed: number;
}

/**
 * One kind of problem:
 *
 * - `still`: all draws are equal, so R-hat is undefined.
 * - `rHat`: R-hat is above {@link highestRHat}.
 * - `essBulk`, `essTail`: fewer effective draws than `wanted`, which is {@link leastEffectiveSize}
 *   per chain.
 * - `oneChain`: there is only one chain, which cannot reveal a missed mode.
 */
export type MixingTrouble =
  | ({ readonly kind: "still" } & Worst)
  | ({ readonly kind: "rHat"; readonly value: number; readonly bound: number; readonly chains: number } & Worst)
  | ({ readonly kind: "essBulk" | "essTail"; readonly value: number; readonly wanted: number } & Worst)
  | { readonly kind: "oneChain" };

/** The problems of the numbers recorded along `chains` chains, at most one of each kind. */
export function mixingTroubles(rows: readonly SummaryRow[], chains: number): MixingTrouble[] {
  const wanted = leastEffectiveSize * chains;
  /** `measure` is above 1 for a problem. Larger is worse. */
  const worst = (measure: (row: SummaryRow) => number, of: (row: SummaryRow, worst: Worst) => MixingTrouble) => {
    const bad = rows.filter((row) => measure(row) > 1).sort((a, b) => measure(b) - measure(a));
    const [row] = bad;
    return row === undefined ? [] : [of(row, { name: row.name, affected: bad.length, followed: rows.length })];
  };
  return [
    ...worst(
      ({ rHat }) => (Number.isNaN(rHat) ? 2 : 0),
      (_, at) => ({ kind: "still", ...at }),
    ),
    ...worst(
      ({ rHat }) => rHat / highestRHat,
      ({ rHat }, at) => ({ kind: "rHat", value: rHat, bound: highestRHat, chains, ...at }),
    ),
    ...(["essBulk", "essTail"] as const).flatMap((kind) =>
      worst(
        (row) => wanted / row[kind],
        (row, at) => ({ kind, value: row[kind], wanted, ...at }),
      ),
    ),
    ...(chains === 1 ? [{ kind: "oneChain" } as const] : []),
  ];
}
