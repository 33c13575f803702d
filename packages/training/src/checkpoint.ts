/**
 * Checkpoints: `checkpoints/<iteration>/` with the tensors (tensors.safetensors) and what they belong to (state.json). A checkpoint
 * is written under a temporary name, flushed and renamed, so it is there whole or not at all; equal states give equal files.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { configDifferences, configHash, decisiveConfig, type Config } from "./config.js";
import { CheckpointError } from "./errors.js";
import { guarded, listFolder, readTextIfAny, removeFolderWhole, writeFolderWhole } from "./files.js";
import { isPlainObject } from "./json.js";
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from "./safetensors.js";
import type { HostTensor } from "./snapshot.js";

/** Version of the checkpoint format; a reader refuses others. */
export const checkpointFormatVersion = 1;

const tensorsFile = "tensors.safetensors";
const stateFile = "state.json";

/** One saved moment of a run. */
export interface Checkpoint {
  /** Completed iterations. */
  readonly iteration: number;
  readonly tensors: readonly HostTensor[];
}

/** Whose checkpoint it is. */
export interface CheckpointOwner {
  readonly experiment: string | undefined;
  readonly config: Config;
}

/** Iterations of the checkpoints in a folder, oldest first, whether or not they are sound. */
export async function listCheckpoints(folder: string): Promise<number[]> {
  const names = await listFolder(folder);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Where the checkpoint of an iteration lies. */
export function checkpointPath(folder: string, iteration: number): string {
  return join(folder, String(iteration));
}

/**
 * Writes a checkpoint, then removes the oldest ones beyond `keep`. One of the same iteration is replaced.
 *
 * @throws RunFolderError when the disk is full or can't be written; earlier checkpoints are then untouched.
 */
export async function writeCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  owner: CheckpointOwner,
  keep: number,
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
  await writeFolderWhole(path, { [tensorsFile]: bytes, [stateFile]: `${JSON.stringify(state, null, 2)}\n` });
  const others = present.filter((other) => other !== iteration);
  const surplus = others.slice(0, Math.max(0, others.length + 1 - keep));
  for (const old of surplus) await removeFolderWhole(checkpointPath(folder, old));
  return path;
}

/**
 * Reads a checkpoint and checks that its files are whole, of this format, and of this configuration. Whether its tensors fit the
 * model is checked with the model's own state (see `snapshotDifferences`).
 *
 * @throws CheckpointError saying which of these failed and what to do.
 */
export async function readCheckpoint(folder: string, iteration: number, config: Config): Promise<Checkpoint> {
  const path = checkpointPath(folder, iteration);
  const stateText = await readTextIfAny(join(path, stateFile));
  const bytes = await readBytesIfAny(join(path, tensorsFile));
  if (stateText === undefined && bytes === undefined) {
    const present = await listCheckpoints(folder);
    const list = present.length === 0 ? "There are none." : `There are: ${present.join(", ")}.`;
    throw new CheckpointError("missing", `there is no checkpoint ${path}.`, list);
  }
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
  assertSameConfig(path, state, config);
  return { iteration, tensors };
}

/** What went wrong with a checkpoint that was passed over, and the newest sound one, if any. */
export interface NewestCheckpoint {
  readonly checkpoint: Checkpoint | undefined;
  readonly damaged: readonly CheckpointError[];
}

/**
 * The newest sound checkpoint. Damaged ones are passed over and reported; one that is sound but of another configuration is an error,
 * and so is a folder in which every checkpoint is damaged.
 *
 * @throws CheckpointError
 */
export async function readNewestCheckpoint(folder: string, config: Config): Promise<NewestCheckpoint> {
  const passed: CheckpointError[] = [];
  for (const iteration of (await listCheckpoints(folder)).reverse()) {
    try {
      return { checkpoint: await readCheckpoint(folder, iteration, config), damaged: passed };
    } catch (error) {
      if (!(error instanceof CheckpointError) || error.reason !== "damaged") throw error;
      passed.push(error);
    }
  }
  if (passed[0] !== undefined) throw passed[0];
  return { checkpoint: undefined, damaged: [] };
}

/** The error for tensors that don't fit the model's state. */
export function misfit(path: string, differences: readonly string[]): CheckpointError {
  const shown = differences.slice(0, 5).map((line) => `\n    ${line}`);
  const more = differences.length > 5 ? `\n    and ${differences.length - 5} more` : "";
  return new CheckpointError(
    "incompatible",
    `checkpoint ${path} does not fit the model:${shown.join("")}${more}`,
    "The code of the experiment has changed since: go back to the version that made the run, or start a new run.",
  );
}

function parseState(path: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isPlainObject(value) && value["format"] === "ergodic-checkpoint") return value;
  } catch {
    // Told below, as for JSON that is something else.
  }
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
    return decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError) throw damaged(path, `${tensorsFile}: ${error.message}`, error);
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

async function readBytesIfAny(path: string): Promise<Uint8Array | undefined> {
  return guarded(path, async () => {
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Dotted names as the record they come from; each leaf is the name of its tensor. */
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

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
