/** From a new experiment file to runs side by side: init, sweeps, runs, compare, metrics. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, names } from "./support.js";

const runs = (...numbers: readonly number[]): string[] => numbers.map((k) => join("runs", `toy-four-gaussians-${k}`));

describe("a sweep over two seeds", () => {
  let folder: string;
  let stdout: string;
  let stderr: string;
  beforeAll(async () => {
    folder = await emptyFolder();
    const settings = ["--set", "training.seed=0,1", "--set", "training.iterations=30", "--no-evaluate"];
    ({ stdout, stderr } = await ergodic(folder, "train", "toy/four-gaussians", ...settings));
  });

  it("makes a run for each, with seed and changed settings, and shows them side by side", () => {
    expect(names(folder, "runs")).toEqual(["toy-four-gaussians-1", "toy-four-gaussians-2"]);
    expect(stderr.match(/^seed +\d$/gm)).toEqual(["seed     0", "seed     1"]);
    expect(stderr.match(/^changed +training\.iterations 30 \(\d+\)$/gm)).toHaveLength(2);
    expect(stdout).toMatch(/^training\.seed +0 +1$/m);
    expect(stdout).toMatch(/^\w[\w ]*: \S+ ± \S+$/m);
  });

  it("is listed", async () => {
    const { stdout: text } = await ergodic(folder, "runs");
    expect(text).toMatch(/^runs[\\/]toy-four-gaussians-1 +completed +30\/30 +\d+:\d\d +0 /m);
    const listed = JSON.parse((await ergodic(folder, "runs", "--json")).stdout) as { seed: number; status: string }[];
    expect(listed.map(({ seed, status }) => [seed, status])).toEqual([
      [0, "completed"],
      [1, "completed"],
    ]);
  });

  it("is compared: what differs, as text, as JSON, and as a page with both pictures", async () => {
    await writeFile(
      join(folder, runs(2)[0]!, "evaluation.json"),
      JSON.stringify({ format: "ergodic-evaluations", version: 1, evaluations: { a: { nats: { value: 1.25 } } } }),
    );
    const { stdout: text, code } = await ergodic(folder, "compare", ...runs(1, 2), "--out", "both");
    expect(text).toMatch(/^nats +- +1\.25$/m);
    expect(text).toMatch(/^training\.seed +0 +1$/m);
    expect(text).not.toContain("training.batchSize");
    expect(code).toBe(0);
    const page = await readFile(join(folder, "both", "report.html"), "utf8");
    for (const part of [
      "toy-four-gaussians-1, iteration 30",
      "toy-four-gaussians-2, iteration 30",
      'class="series c1"',
    ])
      expect(page).toContain(part);
    const found = JSON.parse((await ergodic(folder, "compare", ...runs(1, 2), "--json")).stdout) as {
      settings: unknown;
    };
    expect(found.settings).toEqual([{ name: "training.seed", values: ["0", "1"] }]);
    expectOneMessage(await ergodic(folder, "compare", runs(1)[0]!), /two to 8 runs, not 1/, 2);
  });

  it("goes to other programs as a table and as events", async () => {
    const { stdout: csv } = await ergodic(folder, "metrics", runs(1)[0]!);
    const [head = "", ...lines] = csv.trimEnd().split("\n");
    expect(head).toMatch(/^iteration,seconds,/);
    expect(lines.map((line) => Number(line.split(",")[0]))).toEqual([10, 20, 30]);
    await ergodic(folder, "metrics", ...runs(1, 2), "--tensorboard", "events");
    expect(names(folder, "events")).toEqual(["toy-four-gaussians-1", "toy-four-gaussians-2"]);
    expect(names(folder, "events", "toy-four-gaussians-2")[0]).toMatch(/^events\.out\.tfevents\.\d+\.ergodic$/);
  });

  it("goes on with the last run", async () => {
    const { stderr: said, code } = await ergodic(
      folder,
      ...["train", "--resume", "last", "--set", "training.iterations=32", "--no-evaluate"],
    );
    expect(said).toMatch(/^run +runs[\\/]toy-four-gaussians-2$/m);
    expect(said).toMatch(/^resumed +after iteration 30$/m);
    expect(code).toBe(0);
  });
});

it("init writes an experiment that trains and is scored, and never replaces a file", async () => {
  const folder = await emptyFolder();
  const { stdout } = await ergodic(folder, "init", "my-ebm.ts");
  expect(stdout).toMatch(/ergodic train \.\/my-ebm\.ts/);
  expectOneMessage(await ergodic(folder, "init", "my-ebm.ts"), /exists already/, 2);
  expectOneMessage(await ergodic(folder, "init", "my-ebm.py"), /no TypeScript file/, 2);
  const settings = ["training.iterations=2", "options.width=8", "options.steps=2"].flatMap((set) => ["--set", set]);
  const trained = await ergodic(folder, "train", "my-ebm.ts", ...settings);
  expect(trained.stdout).toMatch(/^nats +\d|no nats/m);
  expect(trained.code).toBe(0);
});

it("a sweep writes no single folder, and a list for one setting is left alone", async () => {
  const folder = await emptyFolder();
  const sweep = ["train", "toy/four-gaussians", "--set", "training.seed=0,1", "--out", "here"];
  expectOneMessage(await ergodic(folder, ...sweep), /--out is for one run, and these settings ask for 2/, 2);
  expectOneMessage(
    await ergodic(folder, "train", "toy/four-gaussians", "--set", "training.seed=0,x"),
    /training\.seed is "0,x"/,
  );
});
