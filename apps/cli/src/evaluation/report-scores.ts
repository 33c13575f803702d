/** The scores of a run for its report. */
import type { ReportScores } from "@ergodic/training/node";
import type { Evaluation } from "./evaluation-file.js";

/**
 * Texts of scores as tables: a name and a value where two or more spaces part them, otherwise a
 * remark.
 *
 * @param evaluations by their names, oldest first
 * @param describe the text of an evaluation
 */
export function reportScores(
  evaluations: Readonly<Record<string, Evaluation>>,
  describe: (evaluation: Evaluation) => string,
): ReportScores[] {
  return Object.entries(evaluations).map(([title, evaluation]) => {
    const lines = describe(evaluation)
      .split("\n")
      .filter((line) => line.trim() !== "");
    const cells = lines.map((line) => /^(\S.*?) {2,}(.*)$/.exec(line));
    return {
      title,
      rows: cells.flatMap((found) => (found === null ? [] : [[found[1]!, found[2]!.trim()] as const])),
      notes: lines.filter((_, i) => cells[i] === null).map((line) => line.trim()),
    };
  });
}
