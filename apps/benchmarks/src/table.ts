/**
 * Plain-text tables that are also valid Markdown: a rule under the header, labels left, figures
 * right.
 */

/**
 * Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 1230. A dash for a missing
 * figure.
 */
export function formatFigure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

/** Speed relative to the reference: "1.50x" means two thirds of its time. */
export function formatSpeedUp(ms: number | undefined, referenceMs: number | undefined): string {
  const speedUp = ms === undefined || referenceMs === undefined ? NaN : referenceMs / ms;
  return Number.isFinite(speedUp) ? `${speedUp < 0.1 ? formatFigure(speedUp) : speedUp.toFixed(2)}x` : "-";
}

/**
 * Formats rows of equal length below a header, padded to columns. The first `labels` columns hold
 * text.
 */
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
