/**
 * The lock `run.lock`, so that one process at a time trains in a run folder.
 *
 * The file is created exclusively: if two processes start together, one is rejected. A killed
 * process leaves its lock. The next process on the same machine detects this and takes the lock
 * over.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, unlinkSync } from "node:fs";
import * as fs from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { temporaryPrefix } from "@ergodic/formats/node";
import { RunFolderError } from "./errors.js";
import { errorCode, guarded, readTextIfAny } from "./files.js";
import { parseJson } from "./json.js";

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  started: z.string(),
  command: z.string().nullable(),
  /** Distinguishes the locks of one process id. */
  token: z.string().regex(/^[0-9a-f-]+$/),
});

/** The process that trains in a folder. */
export type LockOwner = z.output<typeof ownerSchema>;

/** A lock that this process holds until it is released or the process ends. */
export interface Lock {
  release(): void;
}

/** Name of the lock inside a run folder. */
export const lockFile = "run.lock";

/** Tokens of the locks this process holds. */
const held = new Set<string>();

/**
 * Locks an existing folder. `notice` is called when the lock of an ended process was taken over.
 *
 * @throws RunFolderError with the owner when another process holds the lock.
 */
export async function acquireLock(
  folder: string,
  command: string | null,
  notice: (message: string) => void,
): Promise<Lock> {
  const path = join(folder, lockFile);
  const mine: LockOwner = {
    ...{ pid: process.pid, host: hostname(), started: new Date().toISOString() },
    ...{ command, token: randomUUID() },
  };
  while (!(await create(path, mine))) {
    const owner = await readLock(folder);
    if (owner === undefined) continue; // It was released in between.
    if (!isGone(owner) || !(await removeStale(folder, owner))) throw inUse(folder, owner);
    notice(
      `process ${owner.pid}, which trained in ${folder} before, ended without unlocking it; its lock was removed.`,
    );
  }
  return hold(path, mine);
}

/**
 * The owner of a folder's lock. `unreadable` when the file names no owner, undefined when there is
 * no lock.
 */
export async function readLock(folder: string): Promise<LockOwner | "unreadable" | undefined> {
  const text = await readTextIfAny(join(folder, lockFile));
  return text === undefined ? undefined : parseOwner(text);
}

/**
 * Whether the owner is an ended process of this machine. Processes of other machines count as
 * running.
 */
export function isGone(owner: LockOwner | "unreadable"): owner is LockOwner {
  if (owner === "unreadable" || owner.host !== hostname()) return false;
  if (owner.pid === process.pid) return !held.has(owner.token);
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
}

function parseOwner(text: string): LockOwner | "unreadable" {
  return ownerSchema.safeParse(parseJson(text)).data ?? "unreadable";
}

/** Creates the lock. False when there is one already. */
async function create(path: string, owner: LockOwner): Promise<boolean> {
  return guarded(path, async () => {
    try {
      await fs.writeFile(path, `${JSON.stringify(owner, null, 2)}\n`, { flag: "wx" });
      return true;
    } catch (error) {
      if (errorCode(error) === "EEXIST") return false;
      throw error;
    }
  });
}

/**
 * Removes the lock of an ended process. False when another process is about to.
 *
 * The mark carries the owner's token and is created exclusively. The lock is read again under the
 * mark, so no process removes a lock that another has just taken.
 */
async function removeStale(folder: string, owner: LockOwner): Promise<boolean> {
  const mark = join(folder, `${temporaryPrefix}${owner.token}`);
  if (!(await create(mark, owner))) return false;
  try {
    const now = await readLock(folder);
    if (typeof now === "object" && now.token === owner.token) await fs.rm(join(folder, lockFile), { force: true });
    return true;
  } finally {
    await fs.rm(mark, { force: true });
  }
}

function hold(path: string, owner: LockOwner): Lock {
  held.add(owner.token);
  const release = (): void => {
    process.off("exit", release);
    held.delete(owner.token);
    try {
      const now = parseOwner(readFileSync(path, "utf8"));
      if (typeof now === "object" && now.token === owner.token) unlinkSync(path);
    } catch {
      // The folder is gone or not writable. A lock whose owner has ended blocks nobody.
    }
  };
  process.on("exit", release);
  return { release };
}

function inUse(folder: string, owner: LockOwner | "unreadable"): RunFolderError {
  const path = join(folder, lockFile);
  if (owner === "unreadable") {
    return new RunFolderError(
      `${folder} is locked, and ${path} does not say by which process.`,
      `Wait until it is free. If no training runs there, delete ${path}.`,
    );
  }
  const { pid, host, started, command } = owner;
  const what = command === null ? "" : ` (${command})`;
  return host === hostname()
    ? new RunFolderError(
        `${folder} is in use: process ${pid} has been training there since ${started}${what}.`,
        `Wait until it ends, or stop it: kill ${pid}. If process ${pid} is no training, delete ${path}.`,
      )
    : new RunFolderError(
        `${folder} is in use: process ${pid} on ${host} has been training there since ${started}${what}.`,
        `Wait until it ends. This machine can't see whether it still runs; if it does not, delete ${path}.`,
      );
}
