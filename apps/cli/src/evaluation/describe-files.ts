/** Formats the read and omitted files of an image folder as table rows. */
import type { FileReport, Remark } from "@ergodic/data/node";
import { withThousands } from "../terminal/format.js";

/**
 * Rows about the files. Empty if all files were read completely, and for images that are not files.
 */
export function fileRows(files: FileReport | undefined): [string, string][] {
  return [...rowOf("  left out", files?.skipped ?? {}), ...rowOf("  read in part", files?.reduced ?? {})];
}

function rowOf(label: string, remarks: Readonly<Record<string, Remark>>): [string, string][] {
  const parts = Object.entries(remarks).map(([reason, { count, examples }]) => {
    const more = count > examples.length ? ", ..." : "";
    return `${withThousands(count)} ${reason} (${examples.join(", ")}${more})`;
  });
  return parts.length === 0 ? [] : [[label, parts.join("; ")]];
}
