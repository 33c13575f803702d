/**
 * Signals and concurrent processes: a command ends soon after a signal, with its exit code, and
 * leaves no stuck process.
 */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, fixtures, names, start } from "./support.js";

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const slowData = join(fixtures, "slow-data.mjs");
const tinyModel = join(fixtures, "tiny-model.ts");
const quick = ["--engine", "cpu", "--no-evaluate"];

let folder: string;
beforeEach(async () => {
  folder = await emptyFolder();
});

describe("while data are made", () => {
  it("processes that begin at once have folders of their own, and each signal ends one at once with its code", async () => {
    const running = signals.map(() => start(folder, "train", slowData, ...quick));
    await Promise.all(running.map(({ says }) => says(/making data/)));
    expect(names(folder, "runs")).toEqual(["slow-data-1", "slow-data-2", "slow-data-3"]);
    for (const [i, one] of running.entries()) {
      one.process.kill(signals[i]);
      const { code, stderr, stdout } = await one.ended;
      expect([code, stdout]).toEqual([codes[signals[i]!], ""]);
      expect(stderr).toMatch(/stopping before the first iteration/);
    }
    // The process that created "runs" also removes it, if it is the last one.
    expect(existsSync(join(folder, "runs")) ? names(folder, "runs") : []).toEqual([]);
  });

  it("in a loop without a pause, a signal ends it all the same, and nothing is stuck", async () => {
    const begin = () => start(folder, "train", slowData, ...quick, "--set", "options.blocks=true");
    const running = signals.map(begin);
    await Promise.all(running.map(({ says }) => says(/making data/)));
    for (const [i, one] of running.entries()) one.process.kill(signals[i]);
    const [first, ...others] = await Promise.all(running.map(({ ended }) => ended));
    expect([first?.code, others.map(({ signal }) => signal)]).toEqual([130, ["SIGTERM", "SIGHUP"]]);
    const left = names(folder, "runs");
    expect(left).toHaveLength(2);
    const told = await ergodic(folder, "sample", join("runs", left[0]!));
    expectOneMessage(told, /holds no run: its training .* was killed before/);
  });

  it("a kill is told by every command, and the folder can be used again", async () => {
    const running = start(folder, "train", slowData, ...quick, "--out", "run");
    await running.says(/making data/);
    expectOneMessage(await ergodic(folder, "sample", "run"), /holds no run yet: its training .* is being prepared/);
    expectOneMessage(
      await ergodic(folder, "train", tinyModel, ...quick, "--out", "run"),
      new RegExp(
        `run is in use: process ${running.process.pid} has been training there .*kill ${running.process.pid}`,
        "s",
      ),
    );
    running.process.kill("SIGKILL");
    await running.ended;
    const told =
      /holds no run: its training \(ergodic train .*slow-data\.mjs.*\) was killed before the first iteration/;
    for (const command of [
      ["sample", "run"],
      ["evaluate", "run"],
      ["export", "run", "--what", "energy"],
      ["train", "--resume", "run"],
    ]) {
      expectOneMessage(await ergodic(folder, ...command), told);
    }
    const { code, stderr } = await ergodic(folder, "train", tinyModel, ...quick, "--out", "run");
    expect([code, stderr]).toEqual([0, expect.stringMatching(/ended without unlocking it; its lock was removed/)]);
    expect(existsSync(join(folder, "run", "run.lock"))).toBe(false);
  });
});

describe("while it trains", () => {
  it("another process is refused, a first Ctrl-C waits for the iteration, a second stops at once", async () => {
    const running = start(folder, "train", join(fixtures, "slow.mjs"), ...quick, "--out", "run");
    await running.says(/^run /m);
    expectOneMessage(
      await ergodic(folder, "train", "--resume", "run", ...quick),
      /run is in use: process \d+ has been training there since .* \(ergodic train .*slow\.mjs.*run\.lock/s,
    );
    running.process.kill("SIGINT");
    await running.says(/finishing iteration 1/);
    running.process.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect(names(folder, "run")).not.toContain("run.lock");
  });

  it("SIGHUP saves though nobody reads any more what is said", async () => {
    const set = ["--set", "training.iterations=1000000000"];
    const running = start(folder, "train", tinyModel, ...quick, ...set, "--out", "run");
    await running.says(/^run /m);
    running.process.stderr.destroy();
    running.process.stdout.destroy();
    // Either the end of the terminal or its signal may be noticed first.
    running.process.kill("SIGHUP");
    expect((await running.ended).code).toBe(129);
    expect(names(folder, "run", "checkpoints")).toHaveLength(1);
  });
});

it("a damaged newest checkpoint is told by every command, and the one before is used", async () => {
  await ergodic(folder, "train", tinyModel, ...quick, "--set", "training.checkpointEvery=2", "--out", "run");
  await writeFile(join(folder, "run", "checkpoints", "99"), "");
  await writeFile(join(folder, "run", "checkpoints", "3", "state.json"), "{}");
  for (const command of [
    ["sample", "run", "--json"],
    ["export", "run", "--what", "energy", "--json"],
    ["train", "--resume", "run", ...quick, "--json"],
  ]) {
    const { code, stdout, stderr } = await ergodic(folder, ...command);
    expect(stderr).toMatch(
      /note: checkpoint .*99 is damaged: it is a file.*\n.*note: checkpoint .*3 is damaged: state\.json/,
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ iteration: command[0] === "train" ? 3 : 2 });
  }
  for (const command of [
    ["evaluate", "run"],
    ["diagnose", "run"],
  ]) {
    await writeFile(join(folder, "run", "checkpoints", "99"), "");
    expect((await ergodic(folder, ...command)).stderr).toMatch(/note: checkpoint .*99 is damaged: it is a file/);
  }
});
