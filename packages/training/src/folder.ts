/**
 * The run folder and its config.json. A folder is a run when it holds a config.json of this format; nothing else is ever
 * touched unless the caller says so.
 *
 *     config.json   metrics.jsonl   report.html   diagnostics.json
 *     checkpoints/<iteration>/      samples/<iteration>.png   samples/reconstruction-<iteration>.png
 */
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RunFolderError } from "./errors.js";
import { guarded, listFolder, readTextIfAny, removeTemporary, writeFileWhole } from "./files.js";
import { isPlainObject } from "./json.js";

/** Where everything of a run lies. */
export interface RunPaths {
  readonly folder: string;
  readonly config: string;
  readonly metrics: string;
  readonly checkpoints: string;
  readonly samples: string;
  readonly diagnostics: string;
  readonly report: string;
}

/** Paths inside a run folder. */
export function runPaths(folder: string): RunPaths {
  const root = resolve(folder);
  return {
    folder: root,
    config: join(root, "config.json"),
    metrics: join(root, "metrics.jsonl"),
    checkpoints: join(root, "checkpoints"),
    samples: join(root, "samples"),
    diagnostics: join(root, "diagnostics.json"),
    report: join(root, "report.html"),
  };
}

/** Version of config.json; a reader refuses others. */
export const runFormatVersion = 1;

/** What config.json holds: enough to repeat the run. */
export interface RunRecord {
  readonly format: "ergodic-run";
  readonly version: number;
  readonly experiment: string | null;
  readonly description: string | null;
  /** How to find the experiment again: the name of a preset or the path of a file, as whoever started the run gave it. */
  readonly origin: string | null;
  readonly config: { readonly training: unknown; readonly options: unknown };
  readonly seed: number;
  readonly data: string;
  readonly model: string | null;
  readonly engine: { readonly name: string; readonly description: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly date: string;
  readonly resumed: readonly { readonly date: string; readonly iteration: number; readonly engine: string }[];
}

/**
 * Makes the folder ready for a new run: creates it, or empties an earlier run when `overwrite` is set.
 *
 * @throws RunFolderError when it can't be created, or holds anything and `overwrite` is not set.
 */
export async function prepareNewFolder(folder: string, overwrite: boolean): Promise<RunPaths> {
  const paths = runPaths(folder);
  await guarded(paths.folder, () => mkdir(paths.folder, { recursive: true }));
  const names = (await listFolder(paths.folder)).filter((name) => !name.startsWith(".tmp-"));
  if (names.length > 0 && !overwrite) {
    const isRun = names.includes("config.json") && (await readRunRecord(folder).catch(() => undefined)) !== undefined;
    throw isRun
      ? new RunFolderError(`${paths.folder} already holds a run.`, "Resume it, overwrite it, or choose another folder.")
      : new RunFolderError(
          `${paths.folder} is not empty and is not a run (it holds ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", ..." : ""}).`,
          "Choose an empty or a new folder.",
        );
  }
  await removeTemporary(paths.folder);
  await guarded(paths.folder, async () => {
    const { config, metrics, checkpoints, samples, diagnostics, report } = paths;
    for (const path of [config, metrics, checkpoints, samples, diagnostics, report]) {
      await rm(path, { recursive: true, force: true });
    }
    await mkdir(checkpoints);
    await mkdir(samples);
  });
  return paths;
}

/** Makes the folder of an earlier run ready to go on: unfinished files of a killed process are removed. @throws RunFolderError */
export async function prepareOldFolder(folder: string): Promise<{ paths: RunPaths; record: RunRecord }> {
  const record = await readRunRecord(folder);
  const paths = runPaths(folder);
  await guarded(paths.folder, async () => {
    await mkdir(paths.checkpoints, { recursive: true });
    await mkdir(paths.samples, { recursive: true });
  });
  for (const place of [paths.folder, paths.checkpoints, paths.samples]) await removeTemporary(place);
  return { paths, record };
}

/** Reads config.json. @throws RunFolderError when the folder is not a run, or of a version this program doesn't know. */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const { folder: root, config } = runPaths(folder);
  const text = await readTextIfAny(config);
  if (text === undefined) {
    throw new RunFolderError(
      `${root} is not a run: it has no config.json.`,
      "Check the path; a run folder is made by training.",
    );
  }
  const value = parseJson(text);
  if (!isPlainObject(value) || value["format"] !== "ergodic-run" || !isPlainObject(value["config"])) {
    throw new RunFolderError(`${config} is not the config.json of a run.`, "Check the path, or restore the file.");
  }
  if (value["version"] !== runFormatVersion) {
    throw new RunFolderError(
      `${config} has format version ${String(value["version"])}; this program reads version ${runFormatVersion}.`,
      "Use the version of the program that made the run.",
    );
  }
  return value as unknown as RunRecord;
}

/** Writes config.json. @throws RunFolderError */
export async function writeRunRecord(paths: RunPaths, record: RunRecord): Promise<void> {
  await writeFileWhole(paths.config, `${JSON.stringify(record, null, 2)}\n`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
