/** The first of the texts that a command has written, for the terminal. */
import { oneLine, type HostSamples } from "@ergodic/training";
import { printable } from "./format.js";

/** Maximum number of printed groups of texts. */
const printed = 10;

/**
 * The first texts, a line each, with an empty line between groups. Empty for pictures.
 *
 * @param size texts in a group, such as the columns of a row. Default 1: no groups
 */
export function excerpt(samples: HostSamples, size = 1): string {
  if (samples.kind !== "text") return "";
  const { texts } = samples;
  const groups = Array.from({ length: Math.min(printed, Math.ceil(texts.length / size)) }, (_, i) =>
    texts
      .slice(i * size, (i + 1) * size)
      .map((text) => `  ${printable(oneLine(text))}\n`)
      .join(""),
  );
  const left = texts.length - printed * size;
  return `${groups.join(size > 1 ? "\n" : "")}${left > 0 ? `  ... and ${left} more\n` : ""}`;
}
