/** Plain-text tables: a rule under the header, labels to the left, figures to the right. Valid Markdown too. */

/** Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 1230. A dash where there is no figure. */
export function formatFigure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

/** How many times as fast as the reference: "1.50x" means that two thirds of its time were enough. */
export function formatSpeedUp(ms: number | undefined, referenceMs: number | undefined): string {
  const speedUp = ms === undefined || referenceMs === undefined ? NaN : referenceMs / ms;
  return Number.isFinite(speedUp) ? `${speedUp < 0.1 ? formatFigure(speedUp) : speedUp.toFixed(2)}x` : "-";
}

/** Rows of equal length below a header, padded to columns; the first `labels` of them hold text. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[], labels = 1): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const cell = (text: string, column: number): string =>
    column < labels ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  const line = (row: readonly string[]): string =>
    `| ${widths.map((_, column) => cell(row[column] ?? "", column)).join(" | ")} |`;
  const rule = widths.map((width, column) => (column < labels ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}
