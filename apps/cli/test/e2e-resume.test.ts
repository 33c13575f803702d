/**
 * Stopping and resuming: Ctrl-C, kill -9, and checkpoints that no longer fit.
 *
 * The numbers always equal those of an uninterrupted run.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, names, parameters, start, tiny } from "./support.js";

const iterations = 200;
const settings = [
  "quickstart",
  ...tiny,
  ...["iterations=200", "checkpointEvery=10", "averaging=0.9", "logEvery=1"].flatMap((set) => [
    "--set",
    `training.${set}`,
  ]),
  "--no-evaluate",
];

let reference: Buffer;
let folder: string;
beforeAll(async () => {
  folder = await emptyFolder();
  const { code } = await ergodic(folder, "train", ...settings, "--out", "whole");
  expect(code).toBe(0);
  reference = await parameters(join(folder, "whole"), iterations);
});

async function metricsWithoutTime(run: string): Promise<unknown[]> {
  const text = await readFile(join(folder, run, "metrics.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 }));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}

it("a run that ended has no time left, and more iterations have their own", async () => {
  const dry = async (...more: string[]) => {
    const { code, stdout } = await ergodic(folder, "train", "--resume", "whole", "--dry-run", "--json", ...more);
    expect(code).toBe(0);
    return JSON.parse(stdout) as { readonly secondsToEnd: number; readonly phases: readonly { left: number }[] };
  };
  expect(await dry()).toMatchObject({ secondsToEnd: 0, phases: [{ iterations, left: 0 }] });
  const longer = await dry("--set", `training.iterations=${iterations + 50}`);
  expect(longer.phases[0]!.left).toBe(50);
  expect(longer.secondsToEnd).toBeGreaterThan(0);
});

describe("a run that is stopped", () => {
  it("by kill -9 goes on to byte-identical parameters and metrics", async () => {
    const running = start(folder, "train", ...settings, "--out", "killed");
    await until(() => existsSync(join(folder, "killed", "checkpoints", "30")));
    running.process.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");
    expect(existsSync(join(folder, "killed", "checkpoints", String(iterations)))).toBe(false);
    const { code, stderr } = await ergodic(folder, "train", "--resume", "killed", "--no-evaluate");
    expect(stderr).toMatch(/^resumed +after iteration \d+0$/m);
    expect(code).toBe(0);
    expect(await parameters(join(folder, "killed"), iterations)).toEqual(reference);
    expect(await metricsWithoutTime("killed")).toEqual(await metricsWithoutTime("whole"));
    expect(names(folder, "killed", "checkpoints").filter((name) => !/^\d+$/.test(name))).toEqual([]);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)(
    "by %s finishes its iteration, saves, says how to resume, ends with %i, and goes on exactly",
    async (signal, expected) => {
      const running = start(folder, "train", ...settings, "--out", signal);
      await running.says(/^iter +1\//m);
      running.process.kill(signal);
      const { code, stderr, stdout } = await running.ended;
      expect(stderr).toMatch(/finishing iteration \d+ \.\.\./);
      expect(stderr).toContain(`resume with: ergodic train --resume ${signal}`);
      expect([code, stdout]).toEqual([expected, ""]);
      const [saved] = names(folder, signal, "checkpoints")
        .map(Number)
        .sort((a, b) => b - a);
      expect(saved).toBeGreaterThan(0);
      expect(saved).toBeLessThan(iterations);
      expect((await ergodic(folder, "train", "--resume", signal, "--no-evaluate")).code).toBe(0);
      expect(await parameters(join(folder, signal), iterations)).toEqual(reference);
    },
  );
});

describe("a finished run", () => {
  it("is trained further with a larger number of iterations", async () => {
    const shorter = ["--set", "training.iterations=150"];
    await ergodic(folder, "train", ...settings, ...shorter, "--out", "extended");
    const { code } = await ergodic(
      folder,
      "train",
      "--resume",
      "extended",
      "--set",
      "training.iterations=200",
      "--no-evaluate",
    );
    expect(code).toBe(0);
    expect(await parameters(join(folder, "extended"), iterations)).toEqual(reference);
  });

  it("gives another seed another result", async () => {
    await ergodic(folder, "train", ...settings, "--seed", "1", "--out", "seed-1");
    expect(await parameters(join(folder, "seed-1"), iterations)).not.toEqual(reference);
  });

  it("refuses settings that its checkpoints do not have", async () => {
    const outcome = await ergodic(
      folder,
      "train",
      "--resume",
      "whole",
      "--set",
      "options.energyWidths=[9]",
      "--set",
      "training.iterations=300",
    );
    expectOneMessage(outcome, /was made with another configuration[^]*options\.energyWidths/);
    expect(await parameters(join(folder, "whole"), iterations)).toEqual(reference);
  });

  it("refuses a checkpoint of another format version, and a torn one", async () => {
    const run = join(folder, "extended");
    for (const name of names(run, "checkpoints")) {
      const path = join(run, "checkpoints", name, "state.json");
      const state = JSON.parse(await readFile(path, "utf8")) as object;
      await writeFile(path, JSON.stringify({ ...state, version: 99 }));
    }
    expectOneMessage(await ergodic(folder, "train", "--resume", "extended"), /format version 99/);
    expectOneMessage(await ergodic(folder, "sample", "extended"), /format version 99/);
    const tensors = join(folder, "seed-1", "checkpoints", String(iterations), "tensors.safetensors");
    await writeFile(tensors, (await readFile(tensors)).subarray(0, 1000));
    expectOneMessage(await ergodic(folder, "sample", "seed-1", "--checkpoint", String(iterations)), /is damaged/);
  });
});
