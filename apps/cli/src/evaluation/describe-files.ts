/** What became of the files of a folder of images, as rows of a table. */
import type { FileReport, Remark } from "@ergodic/data/node";
import { withThousands } from "../terminal/format.js";

/** No row for a folder whose files were all read whole, or for images that are no files. */
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
