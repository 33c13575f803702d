/**
 * The source of an experiment, as text: its file and the files it imports.
 *
 * A run folder keeps a copy in `experiment/`, and config.json its hash. A run folder does not prove
 * who wrote it. A program that runs the copy must know its hash from elsewhere.
 */
import { createHash } from "node:crypto";
import { join, posix } from "node:path";
import { lstatIfAny, readTextIfAny, removeFolderWhole, writeRunFolder } from "./files.js";
import type { RunRecord } from "./run-record.js";

/**
 * Files by their path below a common folder, with "/" between the parts, and which of them is the
 * experiment's file.
 */
export interface ExperimentSource {
  readonly entry: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The record of a source in config.json. */
export type SourceRecord = NonNullable<RunRecord["source"]>;

/**
 * The files of a source by their path relative to the experiment's file, which is ".". The paths do
 * not depend on where the files are.
 */
export function filesByPlace({ entry, files }: ExperimentSource): ReadonlyMap<string, string> {
  const place = (path: string): string => (path === entry ? "." : posix.relative(posix.dirname(entry), path));
  return new Map(Object.entries(files).map(([path, text]) => [place(path), text]));
}

/**
 * The hashes of a source.
 *
 * The hash of the whole is the SHA-256 of the lines `<SHA-256 of the file> <place>`, one per file,
 * sorted by place (see `filesByPlace`). It does not depend on the location of the files or the name
 * of the experiment's file.
 */
export function recordOfSource(source: ExperimentSource): SourceRecord {
  const lines = [...filesByPlace(source)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([place, text]) => `${sha256(text)}  ${place}\n`);
  const files = Object.fromEntries(Object.entries(source.files).map(([path, text]) => [path, sha256(text)]));
  return { sha256: sha256(lines.join("")), entry: source.entry, files };
}

/**
 * Writes a source into a folder and replaces an earlier one. Does nothing without a source.
 *
 * @throws RunFolderError
 */
export async function writeSource(folder: string, source: ExperimentSource | undefined): Promise<void> {
  if (source === undefined) return;
  if ((await lstatIfAny(folder)) !== undefined) await removeFolderWhole(folder);
  await writeRunFolder(folder, source.files);
}

/**
 * The source that `writeSource` stored in a folder. Undefined unless every file matches the record.
 */
export async function readSource(folder: string, record: SourceRecord): Promise<ExperimentSource | undefined> {
  const files: Record<string, string> = {};
  for (const path of Object.keys(record.files)) {
    // `writeSource` writes no path that leads out of the folder.
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
