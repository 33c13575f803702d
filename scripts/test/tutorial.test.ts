/**
 * Runs the tutorial of CONTRIBUTING.md: its test, and a short training of its experiment.
 *
 * Its types are checked with those of the packed packages.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { useEngine } from "@ergodic/engine";
import { resolveConfig, type Experiment } from "@ergodic/training";
import { readMetrics, runPaths, train } from "@ergodic/training/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tutorialFiles } from "./tutorial-files.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const generated = join(root, "scripts", "test", "generated", "tutorial");

rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });
for (const { name, code } of tutorialFiles) writeFileSync(join(generated, name), code);

beforeAll(() => useEngine("onnx"));
afterAll(() => rmSync(generated, { recursive: true, force: true }));

describe("the tutorial", () => {
  it("is an experiment of about sixty lines, and a test", () => {
    expect(tutorialFiles.map(({ name }) => name)).toEqual(["finite-differences.ts", "finite-differences.test.ts"]);
    expect(tutorialFiles[0]!.code.split("\n").length).toBeLessThanOrEqual(65);
  });

  it("trains", async () => {
    const module = (await import(join(generated, "finite-differences.ts"))) as { default: Experiment };
    const folder = mkdtempSync(join(tmpdir(), "ergodic-tutorial-"));
    try {
      const settings = { "training.iterations": 100, "training.batchSize": 64, "training.sampleCount": 16 };
      const config = resolveConfig(module.default, settings);
      const { status } = await train({ experiment: module.default, config, folder });
      expect(status).toBe("completed");
      // An energy of 0 has the loss 0.
      const losses = (await readMetrics(runPaths(folder).metrics)).map((line) => Number(line["loss"]));
      expect(losses.at(-1)).toBeLessThan(-0.1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

await import(join(generated, "finite-differences.test.ts"));
