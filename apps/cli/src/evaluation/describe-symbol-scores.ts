/** Formats scores of symbols that a model has found as text. */
import type { SymbolScores } from "@ergodic/evaluation/model";
import { columns, short, withThousands } from "../terminal/format.js";

/** Formats the scores; empty when none was computed. */
export function describeSymbolScores({ symbols: scores }: SymbolScores): string {
  if (scores === undefined) return "";
  const { homogeneity, chance, completeness, information, used, symbols, test } = scores;
  return columns(
    [
      ["homogeneity", `${short(homogeneity)}   the same symbols in random order ${short(chance)}`],
      ["completeness", short(completeness)],
      ["mutual information", `${short(information)} nats   at most ${short(Math.log(symbols))}`],
      ["symbols", `${used} of ${symbols} in use   ${withThousands(test.count)} of ${test.description}`],
    ],
    3,
  );
}
