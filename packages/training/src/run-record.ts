/**
 * config.json of a run: configuration, programs, experiment and history. It suffices to repeat the
 * run.
 */
import { existsSync } from "node:fs";
import * as z from "zod";
import { RunFolderError } from "./errors.js";
import { readTextIfAny, writeRunFile } from "./files.js";
import { runPaths, type RunPaths } from "./run-paths.js";
import { isPlainObject, parseJson } from "./json.js";
import { isGone, readLock } from "./lock.js";
import { parseOrThrow } from "./schema.js";

/** Version of config.json. Readers reject other versions. */
export const runFormatVersion = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in hexadecimal");
const text = z.string();
const texts = z.record(z.string(), z.string());

const circumstances = {
  /** The command line, as words. */
  command: z.array(text).optional(),
  versions: texts.optional(),
  /** The processor and its number of cores. */
  processor: text.optional(),
  /** The repository of the experiment. `changed` when it differs from the commit. */
  git: z.object({ commit: text, changed: z.boolean() }).optional(),
};

const recordSchema = z.looseObject({
  format: z.literal("ergodic-run"),
  version: z.literal(runFormatVersion),
  experiment: text.nullable(),
  description: text.nullable(),
  /**
   * Where to find the experiment: the name of a preset or the path of a file, as given at the
   * start.
   */
  origin: text.nullable(),
  /**
   * The experiment's file and the files it imports, kept in `experiment/`. Absent for presets and
   * old runs.
   */
  source: z.object({ sha256, entry: text, files: z.record(z.string(), sha256) }).optional(),
  config: z.object({ training: z.unknown(), options: z.unknown() }),
  seed: z.number(),
  data: text,
  model: text.nullable(),
  engine: z.object({ name: text, description: text }),
  ...circumstances,
  date: text,
  /** Later invocations of `train`. `sha256` is the hash of the experiment if it had changed. */
  resumed: z.array(
    z.looseObject({ date: text, iteration: z.number(), engine: text, sha256: sha256.optional(), ...circumstances }),
  ),
  /** The number of workers that train it together. Absent for one. */
  workers: z.number().int().min(2).optional(),
  /**
   * Returns to an earlier iteration after a divergence, oldest first. Later iterations use other
   * random numbers.
   */
  rolledBack: z.array(z.object({ from: z.number(), to: z.number() })).optional(),
});

/** Content of config.json. */
export type RunRecord = z.output<typeof recordSchema>;

/** A return from a diverged iteration to one with a good state. */
export type Rollback = NonNullable<RunRecord["rolledBack"]>[number];

/** The circumstances of one invocation of `train`. */
export type Circumstances = Pick<RunRecord, "command" | "versions" | "processor" | "git">;

/**
 * Reads config.json.
 *
 * @throws RunFolderError when the folder is not a run, or has an unknown version.
 */
export async function readRunRecord(folder: string): Promise<RunRecord> {
  const { folder: root, config } = runPaths(folder);
  const content = await readTextIfAny(config);
  if (content === undefined) throw await noRun(root);
  const value = parseJson(content);
  if (value === undefined) {
    throw new RunFolderError(
      `${config} is cut short or is not JSON.`,
      "Restore the file from a copy; the checkpoints beside it can't be used without it.",
    );
  }
  if (!isPlainObject(value) || value["format"] !== "ergodic-run" || !isPlainObject(value["config"])) {
    throw new RunFolderError(`${config} is not the config.json of a run.`, "Check the path, or restore the file.");
  }
  if (value["version"] !== runFormatVersion) {
    throw new RunFolderError(
      `${config} has format version ${String(value["version"])}; this program reads version ${runFormatVersion}.`,
      "Use the version of the program that made the run.",
    );
  }
  return parseOrThrow(recordSchema, value, config, "Restore the file from a copy.");
}

/** Writes config.json. @throws RunFolderError */
export async function writeRunRecord(paths: RunPaths, record: RunRecord): Promise<void> {
  await writeRunFile(paths.config, `${JSON.stringify(record, null, 2)}\n`);
}

/** Whether a folder is a run, or was claimed for one that has not begun. */
export function isRunFolder(folder: string): boolean {
  const { config, lock } = runPaths(folder);
  return existsSync(config) || existsSync(lock);
}

/** The error for a missing config.json. */
async function noRun(root: string): Promise<RunFolderError> {
  const owner = await readLock(root).catch(() => undefined);
  if (owner === undefined) {
    return new RunFolderError(
      `${root} is not a run: it has no config.json.`,
      "Check the path; a run folder is made by training.",
    );
  }
  const command = owner === "unreadable" || owner.command === null ? "" : ` (${owner.command})`;
  return isGone(owner)
    ? new RunFolderError(
        `${root} holds no run: its training${command} was killed before the first iteration.`,
        "Start it again; the folder can be used for it.",
      )
    : new RunFolderError(
        `${root} holds no run yet: its training${command} is being prepared.`,
        "Wait until it has written a checkpoint.",
      );
}
