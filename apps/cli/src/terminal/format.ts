/** Formats numbers, durations and names for people. All functions are pure. */

/** Thousands separators: 1,234,567. */
export function withThousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Seconds as `0:07`, `12:34` or `1:02:03`; `--:--` when unknown. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "--:--";
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Three significant digits: `0.0672`, `12.3`, `-9.87`, `1.2e-7`. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(1);
  if (size >= 1000) return withThousands(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** `5.2 it/s`, or `3.1 s/it` below one iteration per second. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond) || perSecond <= 0) return "-- it/s";
  return perSecond >= 1 ? `${perSecond.toFixed(perSecond < 100 ? 1 : 0)} it/s` : `${(1 / perSecond).toFixed(1)} s/it`;
}

/** Splits a name into words: `energyGap` and `energy_gap` become `energy gap`. */
export function words(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[_.-]+/g, " ")
    .toLowerCase();
}

/** A bar of `width` cells with a resolution of one eighth of a cell, for example `████▌     `. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const partial = [..." ▏▎▍▌▋▊▉"][eighths % 8] ?? " ";
  const full = "█".repeat(Math.floor(eighths / 8));
  return (full + (eighths % 8 === 0 ? "" : partial)).padEnd(width);
}

/** Two columns, the first as wide as its longest entry. */
export function columns(rows: readonly (readonly [string, string])[], gap = 2): string {
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + gap;
  return rows.map(([left, right]) => `${left.padEnd(width)}${right}`.trimEnd()).join("\n");
}

/** A table as aligned lines: the first column left, the others right. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0]!) : text.padStart(widths[column]!);
  return lines.map((line) => line.map(cell).join("  ").trimEnd()).join("\n");
}

/** An untrusted text as one safe line: control characters are replaced. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, "\u{fffd}");
}
