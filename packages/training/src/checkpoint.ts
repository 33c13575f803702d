/**
 * Checkpoints of a run, in `checkpoints/<iteration>/`.
 *
 * - tensors.safetensors holds the tensors, state.json their iteration and configuration.
 * - A checkpoint is written under a temporary name, flushed and renamed, so it is never partial.
 * - Equal states give equal files.
 */
import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors } from "@ergodic/formats";
import { ValidationError } from "@ergodic/tensor";
import { configDifferences, decisiveConfig, type Config } from "./config.js";
import { configHash } from "./config-hash.js";
import { CheckpointError, RunFolderError } from "./errors.js";
import { errorCode, guarded, listFolder, lstatIfAny, removeFolderWhole, writeRunFolder } from "./files.js";
import { canonicalJson, isPlainObject, parseJson } from "./json.js";
import { asHostTensor, type HostTensor } from "./snapshot.js";

/** Version of the checkpoint format. Readers reject other versions. */
export const checkpointFormatVersion = 1;

const tensorsFile = "tensors.safetensors";
const stateFile = "state.json";

/** One saved state of a run. */
export interface Checkpoint {
  /** Completed iterations. */
  readonly iteration: number;
  readonly tensors: readonly HostTensor[];
}

/** The run that a checkpoint belongs to. */
export interface CheckpointOwner {
  readonly experiment: string | undefined;
  readonly config: Config;
}

/**
 * Iterations of the checkpoints in a folder, oldest first, sound or damaged. Other names are
 * ignored.
 */
export async function listCheckpoints(folder: string): Promise<number[]> {
  const names = await listFolder(folder);
  return names
    .map(Number)
    .filter((iteration, i) => Number.isSafeInteger(iteration) && iteration >= 0 && String(iteration) === names[i])
    .sort((a, b) => a - b);
}

/**
 * The checkpoints that were due, oldest first: those at multiples of `every`, without those of
 * interruptions and of the end. A resumed run and an uninterrupted one have the same.
 */
export async function dueCheckpoints(folder: string, every: number): Promise<number[]> {
  return dueAmong(await listCheckpoints(folder), every);
}

const dueAmong = (iterations: readonly number[], every: number): number[] =>
  iterations.filter((iteration) => iteration % every === 0);

/** The path of the checkpoint of an iteration. */
export function checkpointPath(folder: string, iteration: number): string {
  return join(folder, String(iteration));
}

/** Which checkpoints of a run are kept. */
export interface Retention {
  /** Number of newest checkpoints. */
  readonly keep: number;
  /** Iterations between checkpoints that are due. */
  readonly every: number;
}

/**
 * Writes a checkpoint, then removes older ones. A checkpoint of the same iteration is replaced.
 *
 * The newest `keep` checkpoints stay, and the newest `keep` of those that were due. An interrupted
 * and resumed run, which has checkpoints in between, therefore keeps what an uninterrupted one has.
 *
 * @throws RunFolderError when the disk is full or not writable. Earlier checkpoints are then
 *   untouched.
 */
export async function writeCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  owner: CheckpointOwner,
  retention: Retention,
): Promise<string> {
  const { iteration, tensors } = checkpoint;
  const path = checkpointPath(folder, iteration);
  const bytes = encodeSafetensors(tensors);
  const state = {
    format: "ergodic-checkpoint",
    version: checkpointFormatVersion,
    iteration,
    experiment: owner.experiment ?? null,
    configHash: configHash(owner.config),
    config: decisiveConfig(owner.config),
    structure: nested(tensors.map(({ name }) => name)),
    tensorsSha256: sha256(bytes),
  };
  const present = await listCheckpoints(folder);
  if (present.includes(iteration)) await removeFolderWhole(path);
  await writeRunFolder(path, { [tensorsFile]: bytes, [stateFile]: `${JSON.stringify(state, null, 2)}\n` });
  await removeOldCheckpoints(folder, iteration, retention);
  return path;
}

/** Removes the checkpoints that are not kept beside the one of `iteration`. */
export async function removeOldCheckpoints(folder: string, iteration: number, { keep, every }: Retention) {
  const all = await listCheckpoints(folder);
  const kept = new Set([iteration, ...all.slice(-keep), ...dueAmong(all, every).slice(-keep)]);
  for (const old of all.filter((saved) => !kept.has(saved))) await removeFolderWhole(checkpointPath(folder, old));
}

/**
 * Reads a checkpoint and checks that its files are complete, of this format and of this
 * configuration.
 *
 * Whether its tensors fit the model is checked later, against the model's state (see
 * `snapshotDifferences`).
 *
 * @throws CheckpointError with the check that failed and a remedy.
 */
export async function readCheckpoint(folder: string, iteration: number, config: Config): Promise<Checkpoint> {
  const path = checkpointPath(folder, iteration);
  try {
    return await readWhole(folder, iteration, config);
  } catch (error) {
    // An unreadable file, for instance for lack of permission, counts as damaged: another
    // checkpoint may be readable.
    if (error instanceof RunFolderError) throw damaged(path, error.problem.replace(/\.$/, ""), error);
    throw error;
  }
}

async function readWhole(folder: string, iteration: number, config: Config): Promise<Checkpoint> {
  const path = checkpointPath(folder, iteration);
  await assertFolder(folder, path);
  const stateText = (await readBytesIfAny(path, stateFile))?.toString("utf8");
  const bytes = await readBytesIfAny(path, tensorsFile);
  if (stateText === undefined && bytes === undefined) throw damaged(path, "the folder holds no checkpoint");
  if (stateText === undefined) throw damaged(path, `${stateFile} is missing`);
  if (bytes === undefined) throw damaged(path, `${tensorsFile} is missing`);
  const state = parseState(path, stateText);
  assertVersion(path, state);
  if (state["iteration"] !== iteration)
    throw damaged(path, `${stateFile} is of iteration ${String(state["iteration"])}`);
  const tensors = decode(path, bytes);
  if (state["tensorsSha256"] !== sha256(bytes)) throw damaged(path, `${tensorsFile} does not match its checksum`);
  if (JSON.stringify(state["structure"]) !== JSON.stringify(nested(tensors.map(({ name }) => name)))) {
    throw damaged(path, `${stateFile} and ${tensorsFile} list different tensors`);
  }
  if (state["configHash"] !== sha256(canonicalJson(state["config"]))) {
    throw damaged(path, `the configuration in ${stateFile} does not match its hash`);
  }
  assertSameConfig(path, state, config);
  return { iteration, tensors };
}

/** The newest usable checkpoint, if any, and why newer ones are unusable. */
export interface NewestCheckpoint {
  readonly checkpoint: Checkpoint | undefined;
  readonly unusable: readonly CheckpointError[];
}

/**
 * Reads the newest usable checkpoint. Unusable ones are skipped and reported, for any reason.
 *
 * @throws CheckpointError when there are checkpoints but none is usable.
 */
export async function readNewestCheckpoint(folder: string, config: Config): Promise<NewestCheckpoint> {
  const unusable: CheckpointError[] = [];
  for (const iteration of (await listCheckpoints(folder)).reverse()) {
    try {
      return { checkpoint: await readCheckpoint(folder, iteration, config), unusable };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      // A missing checkpoint was removed by a running training after the folder was listed.
      if (error.reason !== "missing") unusable.push(error);
    }
  }
  const [newest, ...older] = unusable;
  if (newest === undefined) return { checkpoint: undefined, unusable };
  if (older.length === 0) throw newest;
  const problems = unusable.map(({ problem }) => problem).join("\n  ");
  throw new CheckpointError(newest.reason, problems, newest.remedy, { cause: newest });
}

/**
 * Renames an unusable checkpoint to `<iteration>.unusable`. Nothing is lost, and it is not read
 * again.
 *
 * @returns the new path.
 */
export async function setAside(folder: string, iteration: number): Promise<string> {
  const path = checkpointPath(folder, iteration);
  let aside = `${path}.unusable`;
  for (let k = 2; (await lstatIfAny(aside)) !== undefined; k++) aside = `${path}.unusable-${k}`;
  await guarded(path, () => rename(path, aside));
  return aside;
}

/** The error for tensors that do not fit the model's state. */
export function misfit(path: string, differences: readonly string[]): CheckpointError {
  const shown = differences.slice(0, 5).map((line) => `\n    ${line}`);
  const more = differences.length > 5 ? `\n    and ${differences.length - 5} more` : "";
  return new CheckpointError(
    "incompatible",
    `checkpoint ${path} does not fit the model:${shown.join("")}${more}`,
    "The code of the experiment has changed since: go back to the version that made the run, or start a new run.",
  );
}

/** @throws CheckpointError when there is no folder at `path`. */
async function assertFolder(folder: string, path: string): Promise<void> {
  const found = await lstatIfAny(path);
  if (found === undefined) {
    const present = await listCheckpoints(folder);
    const list = present.length === 0 ? "There are none." : `There are: ${present.join(", ")}.`;
    throw new CheckpointError("missing", `there is no checkpoint ${path}.`, list);
  }
  const target = found.isSymbolicLink() ? await statIfAny(path) : found;
  if (target === undefined) throw damaged(path, "it is a link to nothing");
  if (!target.isDirectory()) throw damaged(path, "it is a file, expected a folder");
}

function parseState(path: string, text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (isPlainObject(value) && value["format"] === "ergodic-checkpoint") return value;
  throw damaged(path, `${stateFile} is not the record of a checkpoint`);
}

function assertVersion(path: string, state: Record<string, unknown>): void {
  if (state["version"] === checkpointFormatVersion) return;
  throw new CheckpointError(
    "incompatible",
    `checkpoint ${path} has format version ${String(state["version"])}; this program reads version ${checkpointFormatVersion}.`,
    "Use the version of the program that made it, or start a new run.",
  );
}

function assertSameConfig(path: string, state: Record<string, unknown>, config: Config): void {
  if (state["configHash"] === configHash(config)) return;
  const differences = configDifferences(state["config"], decisiveConfig(config)).map((line) => `\n    ${line}`);
  throw new CheckpointError(
    "incompatible",
    `checkpoint ${path} was made with another configuration:${differences.join("")}`,
    "Continue with the saved configuration, or start a new run. (Only iterations and how often to log, sample and save may change.)",
  );
}

function decode(path: string, bytes: Uint8Array): HostTensor[] {
  try {
    return decodeSafetensors(bytes).map(asHostTensor);
  } catch (error) {
    if (error instanceof ValidationError) throw damaged(path, `${tensorsFile}: ${error.message}`, error);
    throw error;
  }
}

function damaged(path: string, problem: string, cause?: Error): CheckpointError {
  return new CheckpointError(
    "damaged",
    `checkpoint ${path} is damaged: ${problem}.`,
    "Delete it to continue from the one before, restore it from a copy, or start a new run.",
    { cause },
  );
}

/**
 * Bytes of a checkpoint file, or undefined when it is missing. Only regular files are read, no
 * devices.
 */
async function readBytesIfAny(path: string, name: string): Promise<Buffer | undefined> {
  const file = join(path, name);
  const found = await statIfAny(file);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw damaged(path, `${name} is no file`);
  return guarded(file, () => readFile(file));
}

async function statIfAny(path: string): Promise<Stats | undefined> {
  return guarded(path, async () => {
    try {
      return await stat(path);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Turns dotted names into nested records. Each leaf is the name of its tensor. */
function nested(names: readonly string[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const name of names) {
    const parts = name.split(".");
    const last = parts.pop() ?? "";
    let place = root;
    for (const part of parts) {
      const inside = Object.hasOwn(place, part) ? place[part] : undefined;
      const next: Record<string, unknown> = isPlainObject(inside) ? inside : {};
      place[part] = next;
      place = next;
    }
    place[last] = name;
  }
  return root;
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
