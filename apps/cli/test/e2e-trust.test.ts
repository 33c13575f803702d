/**
 * A run folder may come from anywhere: an experiment that it names is run only if the user trained
 * with it here, or names it now.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  emptyFolder,
  inOwnProcess,
  expectOneMessage,
  fixtures,
  main,
  names,
  startCommand,
  stateIn,
  type Outcome,
} from "./support.js";

const ran = /the experiment was run/;
const short = ["--engine", "cpu", "--no-evaluate", "--quiet"];

let folder: string;

/** Writes the experiment, which has two files, into a folder. */
async function place(where: string): Promise<void> {
  await mkdir(where, { recursive: true });
  for (const name of ["tiny-model.ts", "steps.ts"]) await copyFile(join(fixtures, name), join(where, name));
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, "utf8")));
}

/** Makes a folder with the experiment and a run. */
async function trainedRun(): Promise<void> {
  folder = await emptyFolder();
  await place(folder);
  const { code, stderr } = await inOwnProcess(folder, "train", "tiny-model.ts", ...short, "--out", "run");
  expect([code, stderr]).toEqual([0, expect.stringMatching(ran)]);
}

/** Runs the command as another user, or on another machine, where nothing was trained. */
async function elsewhere(...args: readonly string[]): Promise<Outcome> {
  return startCommand(folder, process.execPath, [main, ...args], stateIn(await emptyFolder())).ended;
}

const commands = [
  ["sample", "run"],
  ["evaluate", "run", "--metrics", "fid"],
  ["score", "run", "run"],
  ["diagnose", "run"],
  ["export", "run", "--what", "energy"],
  ["train", "--resume", "run"],
];

describe("a run folder from elsewhere", () => {
  beforeAll(trainedRun);

  const copyOfRun = (name: string) => cp(join(folder, "run"), join(folder, name), { recursive: true });

  it("runs no code, whatever the command, until its file is named", async () => {
    for (const command of commands) {
      const outcome = await elsewhere(...command);
      expectOneMessage(outcome, /made with the file .*tiny-model\.ts .*not trained with on this machine.*--experiment/);
      expect(outcome.stderr).not.toMatch(ran);
    }
    const copy = join("run", "experiment", "tiny-model.ts");
    expect((await elsewhere("sample", "run")).stderr).toContain(copy);
    const named = await elsewhere("sample", "run", "--experiment", copy, "--engine", "cpu");
    expect([named.code, named.stderr]).toEqual([0, expect.stringMatching(ran)]);
  });

  it("runs no code that stands in the place of a file that was trained with", async () => {
    const evil = join(folder, "evil");
    await place(evil);
    await copyOfRun("claims");
    await edit(join(evil, "steps.ts"), () => 'process.stderr.write("evil was run");\nexport const step = 1;\n');
    await edit(join(folder, "claims", "config.json"), (text) => {
      const record = JSON.parse(text) as object;
      return JSON.stringify({ ...record, origin: join(evil, "tiny-model.ts") });
    });
    // It states the hash of the trusted file, so the stored copy of that file is used.
    const outcome = await inOwnProcess(folder, "sample", "claims", "--engine", "cpu");
    expect(outcome.stderr).not.toContain("evil was run");
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.stringContaining("using the copy of")]);
    // Continuing it adds no other location to the list.
    expect((await inOwnProcess(folder, "train", "--resume", "claims", ...short)).code).toBe(0);
    expect((await inOwnProcess(folder, "sample", "claims", "--engine", "cpu")).stderr).not.toContain("evil was run");
  });

  it("of a version that recorded no source wants its file named, and then keeps it", async () => {
    await copyOfRun("old");
    await edit(join(folder, "old", "config.json"), (text) => {
      const { source: _source, ...record } = JSON.parse(text) as Record<string, unknown>;
      return JSON.stringify(record);
    });
    expectOneMessage(await inOwnProcess(folder, "sample", "old"), /records what the file held.*--experiment <file>/);
    const set = ["--set", "training.iterations=4"];
    const named = ["--experiment", "tiny-model.ts"];
    expect((await inOwnProcess(folder, "train", "--resume", "old", ...named, ...set, ...short)).code).toBe(0);
    expect((await inOwnProcess(folder, "sample", "old", "--engine", "cpu")).code).toBe(0);
  });

  it("has nothing written through its links", async () => {
    const outside = await emptyFolder();
    for (const [name, ...command] of [
      ["samples", "sample", "run"],
      ["exports", "export", "run", "--what", "energy"],
    ]) {
      await rm(join(folder, "run", name!), { recursive: true, force: true });
      await symlink(outside, join(folder, "run", name!), "junction");
      expect((await inOwnProcess(folder, ...command)).stderr).toMatch(/is a link to another place/);
    }
    expect(names(outside)).toEqual([]);
  });
});

describe("the experiment of a run", () => {
  it("is recorded with its files, the command, the versions, the processor and the commit", async () => {
    folder = await emptyFolder();
    await place(folder);
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", folder, "-c", "user.name=n", "-c", "user.email=e", ...args]);
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "one");
    expect((await inOwnProcess(folder, "train", "tiny-model.ts", ...short, "--out", "run")).code).toBe(0);
    const record = JSON.parse(await readFile(join(folder, "run", "config.json"), "utf8")) as Record<string, unknown>;
    expect(record).toMatchObject({
      origin: join(folder, "tiny-model.ts"),
      command: ["ergodic", "train", "tiny-model.ts", ...short, "--out", "run"],
      git: { commit: git("rev-parse", "HEAD").toString().trim(), changed: false },
      processor: expect.stringMatching(/cores/) as string,
      versions: { ergodic: expect.stringMatching(/^\d+\.\d+\.\d+/) as string, node: process.versions.node },
      source: { entry: "tiny-model.ts", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    for (const name of ["tiny-model.ts", "steps.ts"]) {
      expect(await readFile(join(folder, "run", "experiment", name), "utf8")).toBe(
        await readFile(join(folder, name), "utf8"),
      );
    }
  });

  it("is refused with the difference when a file of it has changed, and accepted on demand", async () => {
    await trainedRun();
    await edit(join(folder, "steps.ts"), (text) => text.replace("step = 1", "step = 2"));
    const set = ["--set", "training.iterations=5"];
    const refused = await inOwnProcess(folder, "train", "--resume", "run", ...set, ...short);
    expectOneMessage(
      refused,
      /tiny-model\.ts differs from what the run run was made with:\n +steps\.ts, line 2:\n +- export const step = 1;\n +\+ export const step = 2;\n.*--accept-changes/,
    );
    expect(refused.stderr).not.toMatch(ran);
    expectOneMessage(await inOwnProcess(folder, "sample", "run"), /differs from what the run/);
    expect((await inOwnProcess(folder, "sample", "run", "--accept-changes", "--engine", "cpu")).code).toBe(0);
    const accepted = await inOwnProcess(
      folder,
      "train",
      "--resume",
      "run",
      "--accept-changes",
      ...set,
      ...short,
      "--json",
    );
    expect(accepted.code).toBe(0);
    // Three steps of 1, then two of 2.
    expect(JSON.parse(accepted.stdout)).toMatchObject({ iteration: 5, metrics: { weight: 7 } });
    // From now on the run belongs to the current file.
    expect((await inOwnProcess(folder, "sample", "run", "--engine", "cpu")).code).toBe(0);
  });

  it("is not needed any more: without its file a run is sampled, exported and resumed", async () => {
    await trainedRun();
    for (const name of ["tiny-model.ts", "steps.ts"]) await rm(join(folder, name));
    for (const command of [
      ["sample", "run", "--engine", "cpu"],
      ["export", "run", "--what", "energy"],
      ["train", "--resume", "run", "--set", "training.iterations=4", ...short],
    ]) {
      const { code, stderr } = await inOwnProcess(folder, ...command);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/note: using the copy of .*tiny-model\.ts/)]);
    }
    expect(names(folder, "run", "checkpoints")).toEqual(["3", "4"]);
  });

  it("may lie where the list of what was trained with can't be kept", async () => {
    folder = await emptyFolder();
    await place(folder);
    const blocked = join(folder, "file");
    await writeFile(blocked, "");
    const args = [main, "train", "tiny-model.ts", ...short, "--out", "run"];
    const { code, stderr } = await startCommand(folder, process.execPath, args, stateIn(blocked)).ended;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/note: that you trained with .* can't be recorded/)]);
    expect(existsSync(join(folder, "run", "checkpoints", "3"))).toBe(true);
  });
});
