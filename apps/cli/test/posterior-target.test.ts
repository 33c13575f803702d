/** A posterior as a target of `ergodic sample-target`: names, limits, and no exact values. */
import { followQuantities, runChains, summarizeRun } from "@ergodic/diagnosis";
import { useEngine } from "@ergodic/engine";
import { interval, posterior, positive, real } from "@ergodic/samplers/posterior";
import { tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { describeSummary } from "../src/targets/describe.js";
import { kernels } from "../src/targets/kernels.js";
import { targetPage } from "../src/targets/page.js";
import { isFile, posteriorTarget } from "../src/targets/sampled-target.js";

beforeAll(async () => {
  await useEngine("onnx");
});

/** b_i ~ N(i, 1), s ~ Exp(1), t ~ Beta(2, 1). */
const model = posterior({
  parameters: { s: positive(), b: real([2]), t: interval(0, 1) },
  energy: ({ s, b, t }) =>
    tf.addN([s, tf.mul(0.5, tf.sum(tf.square(tf.sub(b, tf.tensor2d([[0, 1]]))), 1)), tf.neg(tf.log(t))]),
});

it("its numbers are the quantities, with limits and without exact values", async () => {
  const target = posteriorTarget("own", model);
  const made = kernels.nuts.make((x) => target.energy(x), {});
  const run = await runChains(made, { dimension: target.dimension, chains: 4, warmup: 300, draws: 500, seed: 0 });
  const followed = followQuantities(target, run);
  const summary = summarizeRun(target, run, followed, made);
  expect(summary.quantities.map(({ name }) => name)).toEqual(["b[0]", "b[1]", "s", "t"]);
  // Within 5 standard errors: a false alarm in 400,000 runs.
  [0, 1, 1, 2 / 3].forEach((mean, i) => {
    const row = summary.quantities[i]!;
    expect(Math.abs(row.mean - mean) / row.mcseMean).toBeLessThan(5);
    expect(row.wrong).toEqual({ mean: false, sd: false });
  });
  expect(summary.troubles.filter(({ kind }) => kind === "estimate")).toEqual([]);
  const text = describeSummary(summary, target.limits);
  expect(text).toMatch(/mean +sd +MCSE +R-hat +bulk ESS +tail ESS +limits/);
  expect(text).toMatch(/^s .*above 0$/m);
  expect(text).toMatch(/^t .*in \(0, 1\)$/m);
  expect(text).not.toMatch(/exact|NaN/);
  const page = targetPage({ target, run, followed, summary, settings: [["kernel", "nuts"]] });
  expect(page).toContain("in (0, 1)");
  expect(page).not.toMatch(/exact|NaN/);
  const draws = target.draws!(run.positions);
  expect(Object.fromEntries(Object.entries(draws).map(([name, { shape }]) => [name, shape]))).toEqual({
    b: [4, 500, 2],
    s: [4, 500],
    t: [4, 500],
  });
  tree.dispose([draws, run.positions, run.info] as never);
});

it("files are told from names of targets", () => {
  expect(["./a.ts", "a.mjs", "/x/y.js", "models/b"].map((name) => isFile(name))).toEqual([true, true, true, true]);
  expect(["eight-schools", "funnel"].map((name) => isFile(name))).toEqual([false, false]);
});
