/**
 * The calibration of the standard error of annealed importance sampling, over 100 keys, with and
 * without resampling.
 *
 * - |error| < 3 SE for at least 95 keys.
 * - The root mean square error equals the mean standard error to 20 %, which is 2.8 standard errors
 *   of an r.m.s. of 100 numbers.
 */
import { expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, tree } from "@ergodic/tensor";
import { linearSchedule, openAnnealing } from "@ergodic/samplers/annealing";
import { isotropic, leapfrogs } from "./gaussians.js";

it.each([
  ["annealed importance sampling", { betas: linearSchedule(50), chains: 100, resample: false }],
  ["with resampling", { betas: linearSchedule(10), chains: 200, resample: true }],
])("%s", async (_, { betas, chains, resample }) => {
  await useEngine("onnx");
  const [from, to] = [isotropic(10, 1), isotropic(10, 0.5)];
  const runner = openAnnealing({ from, to, kernel: leapfrogs, chains, resample });
  const runs: { error: number; standardError: number }[] = [];
  for (let seed = 0; seed < 100; seed++) {
    const { logPartition, standardError, position, levels } = await runner.forward(betas, random.key(seed));
    tree.dispose(position);
    expect(levels.some(({ resampled }) => resampled)).toBe(resample);
    runs.push({ error: logPartition - to.logPartition, standardError });
  }
  await runner.dispose();
  const covered = runs.filter(({ error, standardError }) => Math.abs(error) < 3 * standardError).length;
  const rms = Math.sqrt(runs.reduce((sum, { error }) => sum + error * error, 0) / 100);
  const meanError = runs.reduce((sum, { standardError }) => sum + standardError, 0) / 100;
  console.log({ covered, rms, meanError });
  expect(covered).toBeGreaterThanOrEqual(95);
  expect(rms / meanError).toBeGreaterThan(0.8);
  expect(rms / meanError).toBeLessThan(1.2);
});
