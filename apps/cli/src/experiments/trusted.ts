/**
 * The experiments that this user has trained with on this machine.
 *
 * Each has a folder in the user's own state, named by the hash of its source, with a copy of the
 * files. A run folder may come from anywhere, so its own statements prove nothing. An experiment
 * that a run names is run only if its hash is in this list.
 */
import { readFile, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import {
  makeFolder,
  readSource,
  recordOfSource,
  writeRunFile,
  writeRunFolder,
  type ExperimentSource,
} from "@ergodic/training/node";
import { z } from "zod";

const entrySchema = z.object({
  source: z.object({ sha256: z.string(), entry: z.string(), files: z.record(z.string(), z.string()) }),
  /** Absolute paths from which the user trained with it. */
  origins: z.array(z.string()).min(1),
});

type Entry = z.output<typeof entrySchema>;

/** An entry of the list. */
export interface TrustedExperiment {
  readonly source: ExperimentSource;
  readonly origins: readonly string[];
  /** Path of the experiment file in the copy. */
  readonly copy: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder for a user's persistent state on this platform. */
export function stateFolder(
  platform: NodeJS.Platform = process.platform,
  env: Environment = process.env,
  home = homedir(),
): string {
  const given = (name: string): string | undefined => {
    const path = env[name] ?? "";
    return isAbsolute(path) ? path : undefined;
  };
  const state =
    platform === "win32"
      ? (given("LOCALAPPDATA") ?? join(home, "AppData", "Local"))
      : (given("XDG_STATE_HOME") ?? join(home, ".local", "state"));
  return join(state, "ergodic");
}

/**
 * The experiment with this hash. Undefined when the user has not trained with it or its copy is
 * incomplete.
 */
export async function findTrusted(sha256: string, state = stateFolder()): Promise<TrustedExperiment | undefined> {
  const folder = entryFolder(sha256, state);
  const entry = await readEntry(folder);
  if (entry?.source.sha256 !== sha256) return undefined;
  const source = await readSource(join(folder, "files"), entry.source);
  if (source === undefined) return undefined;
  return { source, origins: entry.origins, copy: join(folder, "files", source.entry) };
}

/**
 * Adds an experiment that the user trains with, and the location of its file.
 *
 * @throws RunFolderError when the list cannot be written.
 */
export async function rememberTrusted(source: ExperimentSource, origin: string, state = stateFolder()): Promise<void> {
  const { sha256 } = recordOfSource(source);
  const folder = entryFolder(sha256, state);
  const known = await findTrusted(sha256, state);
  if (known?.origins.includes(origin) === true) return;
  // The existing copy is kept: its files may have other names than those of an equal source
  // elsewhere.
  const kept = recordOfSource(known?.source ?? source);
  const entry: Entry = { source: kept, origins: [...(known?.origins ?? []), origin] };
  const text = `${JSON.stringify(entry, null, 2)}\n`;
  if (known !== undefined) return writeRunFile(join(folder, "entry.json"), text);
  await makeFolder(join(state, "experiments"));
  await rm(folder, { recursive: true, force: true });
  const files = Object.entries(source.files).map(([path, content]) => [`files/${path}`, content] as const);
  await writeRunFolder(folder, { ...Object.fromEntries(files), "entry.json": text }).catch(async (error: unknown) => {
    // Another process may have added the same experiment in the meantime.
    if ((await findTrusted(sha256, state)) === undefined) throw error;
  });
}

const entryFolder = (sha256: string, state: string): string => join(state, "experiments", sha256);

async function readEntry(folder: string): Promise<Entry | undefined> {
  try {
    return entrySchema.parse(JSON.parse(await readFile(join(folder, "entry.json"), "utf8")));
  } catch {
    return undefined;
  }
}
