/** Differences between two sources of an experiment, as lines for a message. */
import { filesByPlace, type ExperimentSource } from "@ergodic/training/node";
import { printable } from "../terminal/format.js";

/** Maximum number of removed lines, and of added lines, that are shown. */
const shown = 8;

/**
 * For each file that differs: its path, and the lines between the first and the last change.
 *
 * Lines start with "- " for the old source and "+ " for the new one.
 */
export function sourceDifference(before: ExperimentSource, now: ExperimentSource): string[] {
  const [then, today] = [filesByPlace(before), filesByPlace(now)];
  return [...new Set([...then.keys(), ...today.keys()])].flatMap((place) => {
    const [a, b] = [then.get(place), today.get(place)];
    if (a === b) return [];
    const name = place === "." ? "the file itself" : place;
    if (a === undefined) return [`${printable(name)}: is new`];
    if (b === undefined) return [`${printable(name)}: is not imported any more`];
    return lineDifference(name, a, b);
  });
}

function lineDifference(name: string, before: string, now: string): string[] {
  const [a, b] = [before.split("\n"), now.split("\n")];
  const most = Math.min(a.length, b.length);
  let head = 0;
  while (head < most && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < most - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const marked = (lines: readonly string[], mark: string): string[] => {
    const changed = lines.slice(head, lines.length - tail);
    const more = changed.length > shown ? [`${mark} (${changed.length - shown} more)`] : [];
    return [...changed.slice(0, shown).map((line) => `${mark} ${printable(line)}`), ...more];
  };
  return [`${printable(name)}, line ${head + 1}:`, ...marked(a, "-"), ...marked(b, "+")];
}
