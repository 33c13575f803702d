/** The preset of a digit that is absent from training: the model, its twin and its evaluation. */
import { useEngine } from "@ergodic/engine";
import type { LabelledImageBatch } from "@ergodic/data";
import { readPlan } from "@ergodic/evaluation/model";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import joint from "../src/presets/joint-prior/mnist-anomaly.js";
import preset from "../src/presets/latent-prior/mnist-anomaly.js";

beforeAll(() => useEngine("onnx"));

const short = { prior: { steps: 2 }, posterior: { steps: 2 } };

describe("a digit absent from training", () => {
  it.each(["noise", "encoder"])("is scored by the model and its Gaussian twin, from %s", async (start) => {
    const options = preset.options.parse({ ...short, start, digit: 4, examples: 100 });
    const batches = (await preset.data(options).load()).batches({ batchSize: 4, key: random.key(0) });
    const batch = batches.at(0) as LabelledImageBatch;
    expect([...batch.labels.dataSync()]).not.toContain(4);
    const learner = preset.model(options, preset.training);
    const state = await learner.init(random.key(1), batch);
    const { model, baseline } = state.params;
    const parts = start === "encoder" ? ["generator", "inference"] : ["generator"];
    expect(Object.keys(baseline).sort()).toEqual(parts);
    expect(Object.keys(model).sort()).toEqual(["energy", ...parts]);
    const values = (of: unknown): number[] => tree.leaves(of as TensorTree).flatMap((leaf) => [...leaf.dataSync()]);
    expect(values(model.generator)).toEqual(values(baseline.generator));
    const { state: next, metrics } = await learner.update(state, batch, { key: random.key(2), iteration: 0 });
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    const scores = await learner.scores!(next, batch, random.key(3));
    expect(Object.keys(scores).sort()).toEqual([
      ...["baseline", "baseline.reconstructionError", "reconstructionError", "score"],
    ]);
    await learner.dispose!();
  });

  it("is scored by two layers, and by each of them", async () => {
    const options = joint.options.parse({ ...short, digit: 4, examples: 100 });
    const batches = (await joint.data(options).load()).batches({ batchSize: 4, key: random.key(0) });
    const learner = joint.model(options, joint.training);
    const state = await learner.init(random.key(1), batches.at(0));
    const scores = await learner.scores!(state, batches.at(0), random.key(3));
    const own = ["above.z1", "ratioAbove.z1", "reconstructionError", "score"];
    const twin = own.map((name) => (name === "score" ? "baseline" : `baseline.${name}`));
    expect(Object.keys(scores).sort()).toEqual([...own, ...twin].sort());
    await learner.dispose!();
  });

  it("has the counts of the protocol, ten checkpoints and published values where there are any", async () => {
    const plan = readPlan(preset.evaluation(preset.options.parse({ digit: 9 })))!;
    expect([(await plan.test.load()).size, (await plan.anomalies!.load()).size]).toEqual([12_609, 6_958]);
    expect(plan).toMatchObject({ checkpoints: 10, samples: 70_000 });
    expect(preset.training).toMatchObject({ keepCheckpoints: 10, checkpointEvery: 500 });
    expect(plan.published!.rows.find(({ name }) => name === "LEBM")).toMatchObject({ value: 0.413, spread: 0.01 });
    expect(readPlan(preset.evaluation(preset.options.parse({ digit: 0 })))!.published).toBeUndefined();
  });
});
