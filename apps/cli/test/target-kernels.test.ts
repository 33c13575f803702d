/** Every kernel of `ergodic sample-target` gives the moments of a target that it can sample. */
import { followQuantities, runChains, summarizeRun } from "@ergodic/diagnosis";
import { targets } from "@ergodic/energies";
import { useEngine } from "@ergodic/engine";
import { tree } from "@ergodic/tensor";
import { beforeAll, expect, it } from "vitest";
import { kernels, type KernelName } from "../src/targets/kernels.js";

beforeAll(async () => {
  await useEngine("onnx");
});

async function summary(name: KernelName, target: keyof typeof targets, draws: number, settings = {}) {
  const known = targets[target]();
  const made = kernels[name].make((x) => known.energy(x), settings);
  const run = await runChains(made, { dimension: known.dimension, chains: 4, warmup: 200, draws, seed: 0 });
  try {
    return summarizeRun(known, run, followQuantities(known, run), made);
  } finally {
    tree.dispose([run.positions, run.info] as never);
  }
}

// Errors are in standard errors. False alarm rate beyond 5: one in 2 million runs.
it.each([
  ["nuts", 300, {}],
  ["hmc", 300, { leapfrogSteps: 5 }],
  ["mala", 1000, {}],
] as const)("%s finds the moments of a normal distribution", async (kernel, draws, settings) => {
  const { quantities, transitions, gradientsPerEffectiveDraw } = await summary(
    kernel,
    "standard-normal",
    draws,
    settings,
  );
  expect(quantities.map(({ name }) => name)).toEqual(["x[0]", "x[1]", "x[2]", "|x|²"]);
  for (const { meanError } of quantities) expect(Math.abs(meanError)).toBeLessThan(5);
  const least = Math.min(...quantities.map(({ essBulk }) => essBulk));
  expect(gradientsPerEffectiveDraw).toBeCloseTo(transitions.gradients! / least, 6);
});

it("parallel-tempering finds both modes", async () => {
  const { modes, quantities } = await summary("parallel-tempering", "bimodal", 200, { replicas: 5, leapfrogSteps: 4 });
  expect(modes!.hopRate).toBeGreaterThan(0.02);
  for (const share of modes!.occupancy) expect(share).toBeGreaterThan(0.3);
  expect(Math.abs(quantities[0]!.meanError)).toBeLessThan(5);
});
