import { canvas } from "./plot.js";
import { escapeHtml } from "./text.js";

/** The names of at most eight colours, in the upper left corner of a plot. */
export function legend(names: readonly string[]): string[] {
  return names.map((name, i) => {
    const at = canvas.top + 4 + 15 * i;
    const label = `<text class="legend" x="${canvas.left + 16}" y="${at + 9}">${escapeHtml(name)}</text>`;
    return `<rect class="bars c${i}" x="${canvas.left + 2}" y="${at}" width="10" height="10"/>${label}`;
  });
}
