/** Runs the built command like a user. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, inject } from "vitest";
import { hosted, type Outcome } from "./hosted.js";

export type { Outcome };

export const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
export const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));

/** A process that may still be running. */
export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Outcome>;
  /** Resolves when stderr contains `text`. */
  says(text: RegExp): Promise<void>;
}

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A new empty folder. It is removed after the tests of the file. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ergodic-cli-"));
  folders.push(folder);
  return folder;
}

/**
 * The state folder of the user, where `ergodic` stores trusted experiments. Each test file has its
 * own.
 */
export const state = mkdtempSync(join(tmpdir(), "ergodic-state-"));
folders.push(state);

/** Starts `ergodic ...args` in `cwd`. */
export function start(cwd: string, ...args: readonly string[]): Running {
  return startCommand(cwd, process.execPath, [main, ...args]);
}

/** Runs `ergodic ...args` in `cwd` to its end, in a process of its own. */
export function inOwnProcess(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  return start(cwd, ...args).ended;
}

/**
 * Runs `ergodic ...args` in `cwd` to its end.
 *
 * The commands of a file share a process, which loads its modules once. `npm run test:all` starts a
 * process for each.
 */
export function ergodic(cwd: string, ...args: readonly string[]): Promise<Outcome> {
  return inject("all") ? inOwnProcess(cwd, ...args) : hosted(environment, cwd, args);
}

/** The environment of a user whose state is in `folder`. */
export const stateIn = (folder: string) => ({ XDG_STATE_HOME: folder, LOCALAPPDATA: folder });

const environment = { ...process.env, ...stateIn(state), NO_COLOR: "1" };

export function startCommand(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  if (!existsSync(main)) throw new Error(`${main} is missing; build first: npx turbo run build --filter=ergodic`);
  const child = spawn(command, args, { cwd, env: { ...environment, ...env } });
  let stdout = "";
  let stderr = "";
  const waiting: { text: RegExp; resolve: () => void }[] = [];
  child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
    for (const { text, resolve } of waiting) if (text.test(stderr)) resolve();
  });
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const says = (text: RegExp) =>
    new Promise<void>((resolve, reject) => {
      if (text.test(stderr)) resolve();
      waiting.push({ text, resolve });
      ended.then(() => (text.test(stderr) ? resolve() : reject(new Error(`never said ${text}:\n${stderr}`))), reject);
    });
  return { process: child, ended, says };
}

/** Settings of a quickstart so small that an iteration takes milliseconds. */
export const tiny = [
  ...["latentDimension=4", "generatorWidths=[8]", "energyWidths=[8]", "examples=300"].flatMap((set) => [
    "--set",
    `options.${set}`,
  ]),
  ...["prior.steps=3", "posterior.steps=2"].flatMap((set) => ["--set", `options.${set}`]),
  ...["--set", "training.batchSize=32"],
];

/** Expects one clear message: an error line, no stack, nothing on stdout. */
export function expectOneMessage({ code, stdout, stderr }: Outcome, text: RegExp, expectedCode = 1): void {
  expect(stderr).toMatch(text);
  expect(stderr.match(/^error: /gm)).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at .*[:(]/m);
  expect(stderr).not.toContain("node:internal");
  expect(stdout).toBe("");
  expect(code).toBe(expectedCode);
}

/** Names in a folder, sorted. */
export function names(...path: readonly string[]): string[] {
  return readdirSync(join(...path)).sort();
}

/** The bytes of the parameters in a checkpoint. */
export function parameters(run: string, iteration: number): Promise<Buffer> {
  return readFile(join(run, "checkpoints", String(iteration), "tensors.safetensors"));
}
