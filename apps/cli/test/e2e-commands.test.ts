/** The commands end to end on small models: their output, its stream, and their files. */
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyFolder, ergodic, fixtures, names, start, tiny, type Outcome } from "./support.js";
import { describeExamination, type Examination } from "../src/doctor.js";
import { readEvaluations } from "../src/evaluation/evaluation-file.js";

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

const commands = [
  "init",
  "train",
  "runs",
  "compare",
  "metrics",
  "sample",
  "reconstruct",
  "interpolate",
  "evaluate",
  "score",
  "diagnose",
  "export",
  "sample-target",
  "weights",
  "doctor",
  "presets",
];

describe("help", () => {
  it.each([[[]], [["--help"]], [["help"]]])("of the whole command: %j", async (args) => {
    const { code, stdout, stderr } = await ergodic(await emptyFolder(), ...args);
    for (const command of commands) expect(stdout).toContain(`ergodic ${command}`);
    expect([code, stderr]).toEqual([0, ""]);
  });

  it.each(commands)("of %s has examples", async (command) => {
    const { code, stdout, stderr } = await ergodic(await emptyFolder(), command, "--help");
    expect(stdout).toMatch(new RegExp(`Examples:\\n  \\$ ergodic ${command}`));
    expect([code, stderr]).toEqual([0, ""]);
  });

  it("and the version", async () => {
    expect((await ergodic(await emptyFolder(), "--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("reports", () => {
  it("presets, as text and as JSON", async () => {
    const folder = await emptyFolder();
    const list = JSON.parse((await ergodic(folder, "presets", "--json")).stdout) as {
      name: string;
      description: string;
    }[];
    const { stdout } = await ergodic(folder, "presets");
    const lines = stdout.split("\n").map((line) => line.split(/ {2,}/));
    for (const { name, description } of list) expect(lines).toContainEqual([name, description]);
    expect(list.map(({ name }) => name)).toContain("quickstart");
  });

  it("doctor, as text and as JSON", async () => {
    const folder = await emptyFolder();
    const outcome = await ergodic(folder, "doctor", "--json");
    const report = JSON.parse(outcome.stdout) as Examination;
    expect(outcome.stderr).toBe("");
    expect(report.engines.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(["onnx"]);
    expect(report.engines.filter(({ available }) => available).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["onnx", "cpu"]),
    );
    for (const { available, milliseconds } of report.engines) {
      if (available) expect(milliseconds).toBeGreaterThan(0);
      else expect(milliseconds).toBeUndefined();
    }
    const text = describeExamination(report);
    for (const { name, available, install } of report.engines) {
      expect(text).toContain(name);
      if (!available) expect(text).toContain(install);
    }
    expect(text).toMatch(/"onnx" is the default: /);
  });

  it("to a reader that goes away end quietly", async () => {
    const { process: child, ended } = start(await emptyFolder(), "presets", "--json");
    child.stdout.destroy();
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, ""]);
  });
});

describe("a small training", () => {
  let folder: string;
  let outcome: Outcome;
  beforeAll(async () => {
    folder = await emptyFolder();
    const settings = ["--set", "training.iterations=3", "--set", "training.logEvery=1", "--seed", "5"];
    outcome = await ergodic(folder, "train", "quickstart", ...tiny, ...settings, "--no-evaluate");
  });

  it("announces engine, data, model and run, then prints plain lines", () => {
    const { code, stderr } = outcome;
    for (const line of [
      /^engine +ONNX/m,
      /^data +MNIST/m,
      /^model +latent-space EBM prior/m,
      /^run +runs[\\/]quickstart-1$/m,
    ]) {
      expect(stderr).toMatch(line);
    }
    expect(stderr).toMatch(/^iter 3\/3 +100% .* it.* ETA 0:00 +reconstruction /m);
    expect(stderr).not.toMatch(/[\r\u001b]/);
    expect(code).toBe(0);
  });

  it("prints where the report and the final grid are", () => {
    expect(outcome.stdout).toMatch(/^done: 3 iterations/);
    expect(outcome.stdout).toMatch(/^report +runs[\\/]quickstart-1[\\/]report\.html$/m);
    expect(outcome.stdout).toMatch(/^samples +runs[\\/]quickstart-1[\\/]samples[\\/]0000003\.png$/m);
  });

  it("leaves a complete run folder", async () => {
    const run = join(folder, "runs", "quickstart-1");
    expect(names(run)).toEqual(
      expect.arrayContaining(["checkpoints", "config.json", "metrics.jsonl", "report.html", "samples"]),
    );
    expect(names(run, "checkpoints")).toEqual(["3"]);
    expect((await readFile(join(run, "samples", "0000003.png"))).subarray(0, 4)).toEqual(png);
    expect(await readFile(join(run, "report.html"), "utf8")).toMatch(/<html/);
    const lines = (await readFile(join(run, "metrics.jsonl"), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { iteration: number }).iteration)).toEqual([1, 2, 3]);
    const record = JSON.parse(await readFile(join(run, "config.json"), "utf8")) as Record<string, unknown>;
    expect(record).toMatchObject({
      origin: "quickstart",
      seed: 5,
      config: { training: { iterations: 3 }, options: { latentDimension: 4 } },
    });
  });

  it("can be sampled: the same seed gives the same picture, another seed another one", async () => {
    const run = join("runs", "quickstart-1");
    const report = JSON.parse((await ergodic(folder, "sample", run, "--n", "9", "--seed", "2", "--json")).stdout) as {
      path: string;
    };
    await ergodic(folder, "sample", run, "--n", "9", "--seed", "2", "--out", join("pictures", "again.png"));
    await ergodic(folder, "sample", run, "--n", "9", "--seed", "3", "--out", "other.png");
    const picture = await readFile(report.path);
    expect(picture.subarray(0, 4)).toEqual(png);
    expect(await readFile(join(folder, "pictures", "again.png"))).toEqual(picture);
    expect(await readFile(join(folder, "other.png"))).not.toEqual(picture);
  });

  it("can be evaluated: distances with and without the chain, floor, reconstruction error", async () => {
    const run = join("runs", "quickstart-1");
    const { stdout, code } = await ergodic(folder, "evaluate", run, "--n", "300", "--json", "--quiet");
    const scores = JSON.parse(stdout) as {
      fpd: { value: number; withoutChain: number; floor: number };
      mse: { value: number };
    };
    expect(code).toBe(0);
    expect(scores).toMatchObject({
      iteration: 3,
      fpd: { components: 32, generated: 300, test: 300 },
      mse: { test: 300 },
    });
    expect(scores.fpd.floor).toBeGreaterThan(0);
    expect(scores.fpd.value).toBeGreaterThan(scores.fpd.floor);
    expect(scores.fpd.withoutChain).toBeGreaterThan(scores.fpd.floor);
    expect(scores.mse.value).toBeGreaterThan(0);
    expect(scores.mse.value).toBeLessThan(4);
    expect(Object.values((await readEvaluations(join(folder, run, "evaluation.json"))).evaluations)).toContainEqual(
      scores,
    );
  });

  it("gets the next free folder when it is started again", async () => {
    const again = await ergodic(
      folder,
      "train",
      "quickstart",
      ...tiny,
      "--set",
      "training.iterations=1",
      "--no-evaluate",
      "--json",
    );
    const report = JSON.parse(again.stdout) as { folder: string; status: string };
    expect(report.status).toBe("completed");
    expect(names(folder, "runs")).toEqual(["quickstart-1", "quickstart-2"]);
  });
});

describe("experiments", () => {
  it("a user's own file, anywhere, with its own options", async () => {
    const folder = await emptyFolder();
    await copyFile(join(fixtures, "my-ebm.ts"), join(folder, "my-ebm.ts"));
    const { code, stdout, stderr } = await ergodic(folder, "train", "my-ebm.ts", "--set", "options.width=8");
    expect(stderr).toMatch(/^model +energy of the plane, 8 hidden units; \d+ parameters$/m);
    expect(stdout).toMatch(/^done: 20 iterations, last loss /);
    expect(code).toBe(0);
    const sampled = await ergodic(folder, "sample", join("runs", "my-ebm-1"), "--json");
    expect(JSON.parse(sampled.stdout)).toMatchObject({ iteration: 20, shape: [64, 2] });
    const evaluated = await ergodic(folder, "evaluate", join("runs", "my-ebm-1"));
    expect(evaluated.stderr).toMatch(/the experiment has no evaluation/);
  });

  it.each(["quickstart/gaussian", "toy/four-gaussians"])("the preset %s trains", async (preset) => {
    const folder = await emptyFolder();
    const settings = ["--set", "training.iterations=2", "--no-evaluate", "--quiet", "--json"];
    const { code, stdout, stderr } = await ergodic(
      folder,
      "train",
      preset,
      ...(preset.startsWith("toy") ? [] : tiny),
      ...settings,
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ status: "completed", iteration: 2 });
    expect(code).toBe(0);
  });
});
