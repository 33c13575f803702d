/**
 * The source of an experiment: its own file and those it imports, as text. A run folder keeps a
 * copy in `experiment/`, and config.json its hash. A run folder proves nothing about who wrote it:
 * whoever runs the code of a copy must know its hash from elsewhere.
 */
import { createHash } from "node:crypto";
import { join, posix } from "node:path";
import { lstatIfAny, readTextIfAny, removeFolderWhole, writeRunFolder } from "./files.js";
import type { RunRecord } from "./run-record.js";

/**
 * Files by their path below a folder they have in common, with "/" between the parts, and which of
 * them is the experiment's own.
 */
export interface ExperimentSource {
  readonly entry: string;
  readonly files: Readonly<Record<string, string>>;
}

/** What config.json says of a source. */
export type SourceRecord = NonNullable<RunRecord["source"]>;

/**
 * The files of a source by their path from the experiment's own file, which is "." itself: the same
 * wherever they lie.
 */
export function filesByPlace({ entry, files }: ExperimentSource): ReadonlyMap<string, string> {
  const place = (path: string): string => (path === entry ? "." : posix.relative(posix.dirname(entry), path));
  return new Map(Object.entries(files).map(([path, text]) => [place(path), text]));
}

/**
 * The hashes of a source. That of the whole is the SHA-256 of one line `<SHA-256 of the file>
 * <place>` a file, sorted by place (see `filesByPlace`), so it does not depend on where the files
 * lie, nor on what the experiment's own file is called.
 */
export function recordOfSource(source: ExperimentSource): SourceRecord {
  const lines = [...filesByPlace(source)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([place, text]) => `${sha256(text)}  ${place}\n`);
  const files = Object.fromEntries(Object.entries(source.files).map(([path, text]) => [path, sha256(text)]));
  return { sha256: sha256(lines.join("")), entry: source.entry, files };
}

/**
 * Keeps a source in a folder, in the place of what is there; does nothing when there is none to
 * keep.
 *
 * @throws RunFolderError
 */
export async function writeSource(folder: string, source: ExperimentSource | undefined): Promise<void> {
  if (source === undefined) return;
  if ((await lstatIfAny(folder)) !== undefined) await removeFolderWhole(folder);
  await writeRunFolder(folder, source.files);
}

/**
 * The source that `writeSource` kept in a folder, undefined when it is not, file by file, the one
 * of the record.
 */
export async function readSource(folder: string, record: SourceRecord): Promise<ExperimentSource | undefined> {
  const files: Record<string, string> = {};
  for (const path of Object.keys(record.files)) {
    // A path that leads out of the folder is none that `writeSource` writes.
    const inside = path === posix.normalize(path) && !posix.isAbsolute(path) && !/^\.\.(\/|$)|[\\:]/.test(path);
    const text = inside ? await readTextIfAny(join(folder, path)) : undefined;
    if (text === undefined) return undefined;
    files[path] = text;
  }
  const source = { entry: record.entry, files };
  return recordOfSource(source).sha256 === record.sha256 ? source : undefined;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
