/** The presets of latent diffusion: an update of each model, and samples. */
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { readSamples, type Dataset, type Experiment, type Learner, type LearnerState } from "@ergodic/training";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import dialogue from "../src/presets/latent-diffusion/dialogue.js";
import documents from "../src/presets/latent-diffusion/documents.js";
import pinwheel from "../src/presets/latent-diffusion/pinwheel.js";
import ring from "../src/presets/latent-diffusion/ring.js";
import templates from "../src/presets/latent-diffusion/templates.js";

let folder = "";
beforeAll(async () => {
  await useEngine("onnx");
  folder = await mkdtemp(join(tmpdir(), "diffusion-"));
});
afterAll(() => rm(folder, { recursive: true }));

const small = { examples: 200, hidden: 8, width: 8, blocks: 1, steps: 2 };

it.each([
  ["the full model of points", ring as unknown as Experiment, {}],
  ["the model without clusters", pinwheel as unknown as Experiment, { model: "unclustered" }],
  ["the model of one level", ring as unknown as Experiment, { model: "one-level" }],
  ["the plain prior", ring as unknown as Experiment, { model: "plain" }],
] as const)("%s learns and samples", async (_, experiment, chosen) => {
  const options = experiment.options.parse({ ...small, ...chosen });
  const learner = experiment.model(options, experiment.training) as Learner<LearnerState, TensorTree>;
  const data = (await experiment.data(options).load()) as Dataset<TensorTree>;
  const batches = data.batches({ batchSize: 16, key: random.key(0) });
  const first = await learner.init(random.key(1), batches.at(0));
  const { state, metrics } = await learner.update(first, batches.at(0), { key: random.key(2), iteration: 0 });
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  expect("symbols" in metrics).toBe(!("model" in chosen));
  const [samples] = tree.leaves(await learner.sample!(state, random.key(3), 4));
  expect(samples!.shape).toEqual([4, 2]);
  await learner.dispose?.();
});

it.each(["clusters", "labels"] as const)(
  "sentences learn with symbols by %s, and are sampled given one",
  async (supervision) => {
    const experiment = templates as unknown as Experiment;
    const sizes = { embedding: 4, hidden: 6, width: 8, blocks: 1, levels: 2, steps: 2 };
    const options = experiment.options.parse({ ...sizes, supervision });
    const learner = experiment.model(options, experiment.training) as Learner<LearnerState, TensorTree>;
    const data = (await experiment.data(options).load()) as Dataset<TensorTree>;
    const batches = data.batches({ batchSize: 16, key: random.key(0) });
    const first = await learner.init(random.key(1), batches.at(0));
    const { state, metrics } = await learner.update(first, batches.at(0), { key: random.key(2), iteration: 0 });
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    const samples = await readSamples(
      await learner.sampleClass!(state, 1, random.key(3), 3),
      learner.show?.bind(learner),
    );
    expect(samples).toMatchObject({ kind: "text", texts: { length: 3 } });
    expect(learner.classify !== undefined).toBe(supervision === "labels");
    await learner.dispose?.();
  },
);

it.each([
  [true, "12 bags of words"],
  [false, "4 bags of words"],
])("documents learn from few labels, with others: %s", async (unlabelled, description) => {
  const path = join(folder, "documents.tsv");
  const lines = ["cold\tgrey rain", "cold\twind and rain", "warm\tbright sun", "warm\tsun at noon"];
  await writeFile(path, [...lines, ...lines, ...lines].join("\n"));
  const experiment = documents as unknown as Experiment;
  const sizes = { words: 20, hidden: 8, latentDimension: 4, width: 8, blocks: 1, levels: 2, steps: 2 };
  const options = experiment.options.parse({ ...sizes, train: path, test: path, labelled: 2, symbols: 2, unlabelled });
  const learner = experiment.model(options, experiment.training) as Learner<LearnerState, TensorTree>;
  const data = (await experiment.data(options).load()) as Dataset<TensorTree>;
  expect(data.description).toBe(description);
  const batch = data.batches({ batchSize: 4, key: random.key(0) }).at(0);
  const first = await learner.init(random.key(1), batch);
  const { state, metrics } = await learner.update(first, batch, { key: random.key(2), iteration: 0 });
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  expect(metrics["symbols"]).toBeGreaterThan(0);
  const { logProbabilities } = await learner.classify!(state, batch);
  expect(logProbabilities.shape).toEqual([4, 2]);
  await learner.dispose?.();
});

it("replies learn in the context of a dialogue, and are sampled in it", async () => {
  const experiment = dialogue as unknown as Experiment;
  const sizes = {
    words: 20,
    longest: 6,
    embedding: 4,
    hidden: 6,
    context: 5,
    width: 8,
    blocks: 1,
    levels: 2,
    steps: 2,
  };
  const options = experiment.options.parse({ ...sizes, symbols: 2, latentDimension: 3, dataFrom: folder });
  await expect(experiment.data(options).load()).rejects.toThrow("get it from http://yanran.li");
  for (const split of ["train", "test"]) {
    await mkdir(join(folder, split));
    const line = "Is it raining ? __eou__ Yes , it is . __eou__ Oh no ! __eou__\n";
    await writeFile(join(folder, split, "dialogues.txt"), line.repeat(4));
    await writeFile(join(folder, split, "dialogues_act.txt"), "2 1 1\n".repeat(4));
  }
  const again = experiment.options.parse({ ...sizes, symbols: 2, latentDimension: 3, dataFrom: folder, turns: 3 });
  const learner = experiment.model(again, experiment.training) as Learner<LearnerState, TensorTree>;
  const data = (await experiment.data(again).load()) as Dataset<TensorTree>;
  const batch = data.batches({ batchSize: 6, key: random.key(0) }).at(0);
  const first = await learner.init(random.key(1), batch);
  const { state, metrics } = await learner.update(first, batch, { key: random.key(2), iteration: 0 });
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  const read = async (made: Promise<TensorTree>) => readSamples(await made, learner.show?.bind(learner));
  const [given, alone] = [
    await read(learner.sampleGiven!(state, batch, random.key(3))),
    await read(learner.sample!(state, random.key(3), 3)),
  ];
  expect(given).toMatchObject({ kind: "text", texts: { length: 6 } });
  expect(alone).toMatchObject({ kind: "text", texts: { length: 3 } });
  await learner.dispose?.();
});
