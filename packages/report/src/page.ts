/**
 * A report as one self-contained HTML page, without links.
 *
 * Pictures, plots and a small script for them are embedded. The parts are HTML. Text arguments are escaped.
 */
import { script } from "./script.js";
import { style } from "./style.js";
import { escapeHtml } from "./text.js";

export interface PageOptions {
  readonly title: string;
  /** Lines of text under the title. */
  readonly lines?: readonly string[];
  /** HTML parts, in order. */
  readonly body: readonly string[];
  /** Seconds after which an open page loads itself anew. Default: never. */
  readonly refresh?: number | undefined;
}

/** Builds the page. */
export function page({ title, lines = [], body, refresh }: PageOptions): string {
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title>`,
    refresh === undefined ? "" : `<meta http-equiv="refresh" content="${refresh}">`,
    `<style>${style}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>`,
    ...lines.map(paragraph),
    ...body,
    `</main><script>${script}</script></body></html>\n`,
  ].join("\n");
}

/** A paragraph of soft text. */
export const paragraph = (text: string): string => `<p class="soft">${escapeHtml(text)}</p>`;

/** A heading with its content, as HTML; empty without content. */
export const section = (heading: string, ...content: readonly string[]): string =>
  content.join("") === "" ? "" : `<section><h2>${escapeHtml(heading)}</h2>${content.join("")}</section>`;

/** Names and values in small boxes. */
export function facts(entries: readonly (readonly [name: string, value: string])[]): string {
  const boxes = entries.map(
    ([name, value]) => `<div class="fact"><span>${escapeHtml(name)}</span>${escapeHtml(value)}</div>`,
  );
  return `<div class="facts">${boxes.join("")}</div>`;
}

/** Sentences in a list, marked as good, bad or neutral. */
export function notes(sentences: readonly string[], tone: "good" | "bad" | "plain"): string {
  const items = sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`);
  return items.length === 0 ? "" : `<ul class="notes ${tone}">${items.join("")}</ul>`;
}

/** Names and values as rows of two cells. */
export function definitions(entries: readonly (readonly [name: string, value: string])[]): string {
  const rows = entries.map(
    ([name, value]) => `<tr><td>${escapeHtml(name)}</td><td><code>${escapeHtml(value)}</code></td></tr>`,
  );
  return `<table class="definitions">${rows.join("")}</table>`;
}

/** A table cell. `bad` marks a problem. */
export type Cell = string | { readonly text: string; readonly bad: boolean };

/** A table of numbers. The first column is left-aligned, the others right-aligned. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = (row: readonly Cell[]): string =>
    row
      .map((cell) => (typeof cell === "string" ? { text: cell, bad: false } : cell))
      .map(({ text, bad }) => `<td${bad ? ' class="bad"' : ""}>${escapeHtml(text)}</td>`)
      .join("");
  const headings = head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const lines = rows.map((row) => `<tr>${cells(row)}</tr>`).join("");
  return `<div class="scroll"><table class="numbers"><thead><tr>${headings}</tr></thead><tbody>${lines}</tbody></table></div>`;
}

/** Plots side by side. */
export const charts = (plots: readonly string[]): string =>
  plots.length === 0 ? "" : `<div class="charts">${plots.join("")}</div>`;

/** A plot with a sentence below it, if there is one. */
export const captioned = (plot: string, caption: string | undefined): string =>
  caption === undefined ? plot : `<figure>${plot}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;

export interface FigureOptions {
  readonly caption: string;
  /** As wide as the page, one column of it, half of it, or small beside others (default). */
  readonly width?: "full" | "wide" | "pair" | "small";
}

/** Maximum screen pixels per picture pixel, so that a few small pictures do not fill a page. */
const largestPixel = 6;
/** Offset of the width in a PNG header: 4 bytes, big-endian. */
const pngWidth = 16;

/** A PNG inside the page. */
export function figure(png: Uint8Array, { caption, width = "small" }: FigureOptions): string {
  const text = escapeHtml(caption);
  const widest = largestPixel * new DataView(png.buffer, png.byteOffset, png.byteLength).getUint32(pngWidth);
  const image = `<img alt="${text}" style="max-width:${widest}px" src="data:image/png;base64,${base64(png)}">`;
  return `<figure class="${width}">${image}<figcaption>${text}</figcaption></figure>`;
}

export interface ExcerptOptions extends FigureOptions {
  /** Maximum number of lines shown. */
  readonly lines: number;
}

/** The first lines of a text inside the page. The caption gives the number of omitted lines. */
export function excerpt(text: string, { caption, width = "small", lines }: ExcerptOptions): string {
  const all = text.replace(/\n$/, "").split("\n");
  const shown = escapeHtml(all.slice(0, lines).join("\n"));
  const more = all.length > lines ? `, ${lines} of ${all.length} lines` : "";
  return `<figure class="${width}"><pre>${shown}</pre><figcaption>${escapeHtml(caption + more)}</figcaption></figure>`;
}

/** Figures side by side. */
export const pictures = (figures: readonly string[]): string =>
  figures.length === 0 ? "" : `<div class="pictures">${figures.join("")}</div>`;

/** Figures of half the width of the page, side by side where there is room. */
export const pairs = (figures: readonly string[]): string =>
  figures.length === 0 ? "" : `<div class="pairs">${figures.join("")}</div>`;

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(""));
}
