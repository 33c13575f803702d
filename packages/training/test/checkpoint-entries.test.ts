/**
 * One bad entry among the checkpoints of a run never blocks a good checkpoint, and is reported with
 * its reason.
 */
import { mkdir, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { CheckpointError, resolveConfig } from "../src/index.js";
import { listCheckpoints, restoreRun, train } from "../src/entries/node.js";
import { temporaryFolder } from "./temporary-folder.js";
import { checkpointBytes, toyExperiment } from "./toy.js";

beforeAll(async () => {
  await useEngine("cpu");
});

/** A run of ten iterations that was stopped after seven: checkpoints 3, 6 and 7. */
async function stoppedRun(): Promise<string> {
  const folder = await temporaryFolder();
  const stop = new AbortController();
  await train({
    ...{ experiment: toyExperiment(), folder, signal: stop.signal },
    onProgress: ({ iteration }) => (iteration === 7 ? stop.abort() : undefined),
  });
  return folder;
}

const editState = async (entry: string, change: (state: Record<string, unknown>) => Record<string, unknown>) => {
  const path = join(entry, "state.json");
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>)));
};

describe("a newest entry that", () => {
  it.each<[string, number, (entry: string) => Promise<unknown>, RegExp]>([
    ["is an empty folder", 41, (entry) => mkdir(entry), /41 is damaged: the folder holds no checkpoint/],
    ["is a file", 99, (entry) => writeFile(entry, "x"), /99 is damaged: it is a file, expected a folder/],
    ["is a link to nothing", 8, (entry) => symlink("nowhere", entry), /8 is damaged: it is a link to nothing/],
    ["is a link to itself", 8, (entry) => symlink(entry, entry), /8 is damaged: can't use .*ELOOP/],
    [
      "has a flipped configHash",
      7,
      (entry) => editState(entry, (state) => ({ ...state, configHash: "0".repeat(64) })),
      /7 is damaged: the configuration in state\.json does not match its hash/,
    ],
    [
      "has another configuration inside",
      7,
      (entry) => editState(entry, (state) => ({ ...state, config: {} })),
      /7 is damaged: the configuration in state\.json does not match its hash/,
    ],
    [
      "has another version",
      7,
      (entry) => editState(entry, (state) => ({ ...state, version: 99 })),
      /7 has format version 99/,
    ],
    [
      "is of another iteration",
      7,
      (entry) => editState(entry, (state) => ({ ...state, iteration: 5 })),
      /7 is damaged: state\.json is of iteration 5/,
    ],
    [
      "has a folder in the place of its tensors",
      7,
      async (entry) => {
        await rm(join(entry, "tensors.safetensors"));
        await mkdir(join(entry, "tensors.safetensors"));
      },
      /7 is damaged: tensors\.safetensors is no file/,
    ],
  ])("%s is passed over by restoring and resuming, and set aside", async (_, iteration, spoil, problem) => {
    const folder = await stoppedRun();
    const checkpoints = join(folder, "checkpoints");
    await spoil(join(checkpoints, String(iteration)));
    const good = iteration === 7 ? 6 : 7;
    const restored = await restoreRun({ experiment: toyExperiment(), folder });
    expect([restored.iteration, restored.unusable.map(({ message }) => message)]).toEqual([
      good,
      [expect.stringMatching(problem)],
    ]);
    restored.dispose();

    const notices: string[] = [];
    const iterations: number[] = [];
    await train({
      ...{ experiment: toyExperiment(), folder, resume: true },
      onEvent: (event) => void (event.kind === "notice" && notices.push(event.message)),
      onProgress: (progress) => void iterations.push(progress.iteration),
    });
    expect(notices[0]).toMatch(problem);
    expect(notices[1]).toMatch(new RegExp(`was renamed to .*${iteration}\\.unusable`));
    expect(iterations[0]).toBe(good + 1);
    expect(await readdir(checkpoints)).toContain(`${iteration}.unusable`);
    const whole = await temporaryFolder();
    await train({ experiment: toyExperiment(), folder: whole });
    expect(await checkpointBytes(folder, 10)).toBe(await checkpointBytes(whole, 10));
  });
});

it("when no entry can be used, every reason is told", async () => {
  const folder = await stoppedRun();
  const checkpoints = join(folder, "checkpoints");
  await rm(join(checkpoints, "6"), { recursive: true });
  await writeFile(join(checkpoints, "7", "state.json"), "{");
  await editState(join(checkpoints, "3"), (state) => ({ ...state, version: 2 }));
  const error: unknown = await restoreRun({ experiment: toyExperiment(), folder }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CheckpointError);
  expect((error as Error).message).toMatch(/7 is damaged: state\.json is not the record[^]*3 has format version 2/);
});

it("another configuration is refused though a newer entry is damaged, and nothing is set aside", async () => {
  const folder = await stoppedRun();
  await writeFile(join(folder, "checkpoints", "99"), "");
  const experiment = toyExperiment();
  const config = resolveConfig(experiment, { "options.rate": 0.5 });
  const error: unknown = await train({ experiment, config, folder, resume: true }).catch((reason: unknown) => reason);
  expect((error as Error).message).toMatch(/99 is damaged[^]*options\.rate: was 0\.01, is 0\.5/);
  expect(await listCheckpoints(join(folder, "checkpoints"))).toEqual([3, 6, 7, 99]);
});

it("names that are no iterations are no checkpoints", async () => {
  const folder = await temporaryFolder();
  for (const name of ["007", "1e3", "-1", "8.unusable", "9 ", "99999999999999999999", "12", "0x10", ".tmp-1-3"]) {
    await mkdir(join(folder, name));
  }
  expect(await listCheckpoints(folder)).toEqual([12]);
});
