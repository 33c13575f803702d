/** Every example runs: experiments for two small iterations, programs with short loops. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { resolveConfig, type Experiment } from "@ergodic/training";
import { readRun, train } from "@ergodic/training/node";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import * as bayesianRegression from "../../examples/bayesian-regression.js";
import * as nceRegression from "../../examples/nce-regression.js";
import * as ownKernel from "../../examples/own-kernel.js";

const folder = fileURLToPath(new URL("../../examples/", import.meta.url));

const small: Readonly<Record<string, Record<string, unknown>>> = {
  igebm: { "options.widths": [2, 2, 2], "options.steps": 2, "options.buffer": 32, "options.examples": 100 },
  jem: { "options.width": 8, "options.steps": 2 },
  "coopnets-2d": { "options.width": 8, "options.steps": 2 },
  ncsn: { "options.width": 8, "options.levels": 3, "options.steps": 2 },
};

const programs = ["bayesian-regression", "nce-regression", "own-kernel"];

it("are all known here", async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".ts"));
  expect(files.sort()).toEqual([...Object.keys(small), ...programs].map((name) => `${name}.ts`).sort());
});

describe("experiments", () => {
  it.each(Object.keys(small))("%s trains, samples and shows its data", async (name) => {
    const { default: experiment } = (await import(`../../examples/${name}.ts`)) as { default: Experiment };
    const run = await mkdtemp(join(tmpdir(), "ergodic-example-"));
    onTestFinished(() => rm(run, { recursive: true, force: true }));
    const length = { "training.iterations": 2, "training.batchSize": 16, "training.sampleCount": 4 };
    const config = resolveConfig(experiment, { ...small[name], ...length });
    const { status, metrics } = await train({ experiment, config, folder: run });
    expect(status).toBe("completed");
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    const { samples, data } = await readRun(run);
    expect([samples.length, data?.extension]).toEqual([1, "png"]);
  });
});

describe("programs", () => {
  const quiet = (): void => {
    for (const method of ["log", "table"] as const) {
      const spy = vi.spyOn(console, method).mockImplementation(() => {});
      onTestFinished(() => spy.mockRestore());
    }
  };

  it("bayesian-regression finds the line in spite of outliers", async () => {
    quiet();
    const rows = await bayesianRegression.main({ draws: 250 });
    const of = (name: string) => rows.find((row) => row.name === name)!;
    // Posterior standard deviations are near 0.06 and 0.1; the bounds are five of them.
    expect(Math.abs(of("intercept").mean - 1)).toBeLessThan(0.3);
    expect(Math.abs(of("slope").mean - 2)).toBeLessThan(0.5);
    expect(of("scale").mean).toBeGreaterThan(0.1);
  });

  it("nce-regression finds both modes", async () => {
    quiet();
    const modes = await nceRegression.main({ steps: 250 });
    expect(Math.abs(modes[0]! + 0.8)).toBeLessThan(0.25);
    expect(Math.abs(modes[1]! - 0.8)).toBeLessThan(0.25);
  });

  it("own-kernel has the moments of its target", async () => {
    quiet();
    const troubles = await ownKernel.main({ draws: 1000 });
    // 5 standard errors for each of 4 estimates: false alarm below 1e-5.
    expect(troubles.filter(({ kind }) => kind === "estimate")).toEqual([]);
  });
});
