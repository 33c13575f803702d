/** Plain-text tables: a rule under the header, first column to the left, figures to the right. Valid Markdown too. */

/** Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 1230. A dash where there is no figure. */
export function formatFigure(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  const decimals = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}

/** How many times as long as the peer: "0.62x" means that 0.62 of its time was enough. */
export const formatRatio = (ours: number | undefined, peer: number | undefined): string =>
  ours === undefined || peer === undefined || !Number.isFinite(ours / peer) ? "-" : `${(ours / peer).toFixed(2)}x`;

/** Rows of equal length below a header, padded to columns. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, i) => (i === 0 ? (row[i] ?? "").padEnd(width) : (row[i] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}
