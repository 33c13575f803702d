/** The summary table as text. */
import type { SummaryRow } from "./summarize.js";

/**
 * The number with as many digits as its standard error makes meaningful, at least 1 decimal more
 * than the leading one of the error.
 */
function rounded(value: number, error: number): string {
  if (!(error > 0) || !Number.isFinite(error)) return value.toPrecision(4);
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(error)));
  return value.toFixed(Math.min(decimals, 20));
}

function cells(row: SummaryRow): string[] {
  return [
    row.name,
    rounded(row.mean, row.mcseMean),
    row.mcseMean.toPrecision(2),
    rounded(row.sd, row.mcseSd),
    ...[row.q05, row.median, row.q95].map((value) => rounded(value, row.mcseMean)),
    row.rHat.toFixed(3),
    row.essBulk.toFixed(0),
    row.essTail.toFixed(0),
  ];
}

/** Rows of {@link summarize} as aligned columns, with advice at the end of its line. */
export function formatSummary(rows: readonly SummaryRow[]): string {
  const table = [["", "mean", "mcse", "sd", "5%", "50%", "95%", "R-hat", "bulk ESS", "tail ESS"], ...rows.map(cells)];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  const lines = table.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
  );
  return lines.map((line, i) => `${line}  ${rows[i - 1]?.advice ?? ""}`.trimEnd()).join("\n");
}
