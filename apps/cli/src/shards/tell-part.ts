/** Says where a part was written, and what comes next. */
import { shownPath } from "../runs/folders.js";
import { jsonResult, result } from "../terminal/output.js";
import type { PartsFlags } from "./parts.js";

export function tellPart(
  path: string,
  settings: Readonly<Record<string, unknown>>,
  { shard, json }: PartsFlags & { readonly json: boolean },
): void {
  const { index, of } = shard!;
  if (json) jsonResult({ ...settings, shard: `${index}/${of}`, path });
  else result(`part ${index}/${of}: ${shownPath(path)}\nwhen all ${of} are there, run the same command with --merge`);
}
