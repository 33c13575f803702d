/**
 * Detection of a digit that is absent from training, reduced to 800 updates on 10,000 digits.
 *
 * An independent implementation of this run had an area under precision and recall of .258 for the
 * digit 1, .66 to .67 for 4 and .405 for 9, with deviations of .001 to .016 over three epochs.
 * Chance is .39, .35 and .36: ones are easy to reconstruct and score below it. The Gaussian twin
 * was within .002 of the model, so nothing is asked of their difference. Two layers had .581 for
 * the digit 4.
 *
 * Protocol: Zenati et al., arXiv 1802.06222; Pang et al., arXiv 2006.08205.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { run } from "../src/program.js";

let folder = "";
let printed = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ergodic-anomaly-"));
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed += String(text)), true));
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const reduced = [
  ...["options.examples=10000", "options.scored=4000", "options.checkpoints=3"],
  ...["training.iterations=800", "training.checkpointEvery=100"],
].flatMap((setting) => ["--set", setting]);

type Area = { readonly auprc: { readonly value: number; readonly standardDeviation: number } };

it.each([
  { preset: "latent-prior", digit: 1, low: 0.23, high: 0.31 },
  { preset: "latent-prior", digit: 4, low: 0.58, high: 0.74 },
  { preset: "latent-prior", digit: 9, low: 0.36, high: 0.47 },
  { preset: "joint-prior", digit: 4, low: 0.5, high: 0.68 },
])("$preset finds the digit $digit with an area of $low to $high", async ({ preset, digit, low, high }) => {
  printed = "";
  const setting = ["--set", `options.digit=${digit}`, "--out", join(folder, preset, String(digit))];
  expect(await run(["train", `${preset}/mnist-anomaly`, ...reduced, ...setting, "--json", "--quiet"])).toBe(0);
  const { evaluation } = JSON.parse(printed) as {
    readonly evaluation: Area & {
      readonly otherScores: Readonly<Record<"baseline" | "reconstructionError", Area>>;
      readonly checkpoints: readonly { readonly iteration: number }[];
    };
  };
  const { baseline, reconstructionError } = evaluation.otherScores;
  console.log(preset, digit, ...[evaluation, baseline, reconstructionError].map(({ auprc }) => auprc.value.toFixed(3)));
  expect(evaluation.checkpoints.map(({ iteration }) => iteration)).toEqual([600, 700, 800]);
  for (const { auprc } of [evaluation, baseline, reconstructionError]) {
    expect(auprc.value).toBeGreaterThan(low);
    expect(auprc.value).toBeLessThan(high);
    expect(auprc.standardDeviation).toBeLessThan(0.05);
  }
});
