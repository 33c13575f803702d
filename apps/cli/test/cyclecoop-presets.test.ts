/**
 * The presets of translation: one iteration each, their sizes, what they say where data are
 * missing.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CycleCoopNetsLearner, TranslationState } from "@ergodic/cooperative";
import { edges as edgesOf } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { formatIdx } from "@ergodic/formats";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import type { Dataset, Experiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import pairs from "../src/presets/coopnets/mnist-edges-paired.js";
import circle from "../src/presets/cyclecoop/circle-sequences.js";
import emoji from "../src/presets/cyclecoop/emoji.js";
import fashion from "../src/presets/cyclecoop/fashion-edges.js";
import horses from "../src/presets/cyclecoop/horse2zebra-256.js";
import edges from "../src/presets/cyclecoop/mnist-edges.js";
import moons from "../src/presets/cyclecoop/moons.js";
import digits from "../src/presets/cyclecoop/moving-digits.js";

type Learner = CycleCoopNetsLearner<TensorTree>;

let root: string;
beforeAll(async () => {
  await useEngine("onnx");
  root = await mkdtemp(join(tmpdir(), "ergodic-cyclecoop-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const bytes = (n: number, seed: number) =>
  Uint8Array.from(random.integers(random.key(seed), [n], { high: 256 }).dataSync());

/** Sixteen images of random bytes, in the files of Fashion-MNIST. */
async function clothes(): Promise<string> {
  const images = formatIdx({ type: "uint8", shape: [16, 28, 28], values: bytes(16 * 784, 0) });
  const labels = formatIdx({ type: "uint8", shape: [16], values: Uint8Array.from({ length: 16 }, (_, i) => i % 10) });
  await writeFile(join(root, "train-images-idx3-ubyte"), images);
  await writeFile(join(root, "train-labels-idx1-ubyte"), labels);
  return root;
}

/** Two pictures of each side, in the folders of a data set of CycleGAN. */
async function photos(): Promise<string> {
  for (const part of ["trainA", "trainB"]) {
    await mkdir(join(root, part), { recursive: true });
    for (let i = 0; i < 2; i++)
      await sharp(Buffer.from(bytes(70 * 80 * 3, i)), { raw: { width: 80, height: 70, channels: 3 } })
        .png()
        .toFile(join(root, part, `${i}.png`));
  }
  return root;
}

const small = { energyWidths: [2, 2, 2], width: 2, blocks: 1, steps: 1 };

describe.each([
  ["cyclecoop/moons", moons as unknown as Experiment, async () => ({ examples: 2_100, steps: 2 }), 8],
  ["cyclecoop/circle-sequences", circle as unknown as Experiment, async () => ({ examples: 128, steps: 2 }), 8],
  ["cyclecoop/mnist-edges", edges as unknown as Experiment, async () => ({ ...small, examples: 40, pairs: 8 }), 8],
  ["coopnets/mnist-edges-paired", pairs as unknown as Experiment, async () => ({ ...small, examples: 40 }), 8],
  [
    "cyclecoop/fashion-edges",
    fashion as unknown as Experiment,
    async () => ({ ...small, dataFrom: await clothes(), examples: 16, pairs: 4 }),
    2,
  ],
  [
    "cyclecoop/moving-digits",
    digits as unknown as Experiment,
    async () => ({ ...small, examples: 40, pairs: 8, predictorWidth: 2 }),
    4,
  ],
  [
    "cyclecoop/horse2zebra-256",
    horses as unknown as Experiment,
    async () => ({ from: await photos(), size: 64, width: 2, blocks: 1, outputs: 3, steps: 1, identity: 0.5 }),
    1,
  ],
] as const)("%s", (name, experiment, settings, batchSize) => {
  it("learns an iteration, and translates both ways raw and refined", async () => {
    const options = experiment.options.parse(await settings());
    const learner = experiment.model(options, experiment.training) as unknown as Learner;
    const data = (await experiment.data(options).load()) as Dataset<TensorTree>;
    const batch = data.batches({ batchSize, key: random.key(0) }).at(0);
    const begun = await learner.init(random.key(1), batch);
    const { state, metrics } = await learner.update(begun, batch, { key: random.key(2), iteration: 0 });
    expect(metrics["skipped"]).toBe(0);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(["energyGap.x", "displacement.y", "teaching.x"]));
    const seen = learner.translation.observe(batch);
    for (const [from, to] of [
      ["x", "y"],
      ["y", "x"],
    ] as const) {
      const { rank, shape } = seen[from];
      const frames = rank % 2 === 1 ? tf.reshape(seen[from], [shape[0]! * shape[1]!, ...shape.slice(2)]) : seen[from];
      for (const steps of [0, 1]) {
        const made = await learner.translation.translate(state, frames, { to, steps, key: random.key(3) });
        expect(made.shape.slice(0, -1)).toEqual(frames.shape.slice(0, -1));
        expect(tf.all(tf.isFinite(made)).dataSync()[0]).toBe(1);
      }
    }
    expect(experiment.name).toBe(name);
    await learner.dispose?.();
  });
});

it("gives coopnets/mnist-edges-paired digits beside their own edges, and others for evaluation", async () => {
  const options = pairs.options.parse({ examples: 40, pairs: 20 });
  const training = await pairs.data(options).load();
  const test = (await pairs.evaluation(options)!.pairs.load()) as typeof training;
  const seen = new Set<string>();
  for (const data of [training, test]) {
    const { x, y } = data.batches({ batchSize: 20, key: random.key(0) }).at(0);
    expect(tf.all(tf.equal(y.images, edgesOf(x.images))).dataSync()[0]).toBe(1);
    for (const image of tf.unstack(x.images)) seen.add(image.dataSync().join());
  }
  expect(seen.size).toBe(40);
});

describe("sizes", () => {
  const sizeOf = async (experiment: Experiment, settings: object, part: keyof TranslationState["params"]) => {
    const learner = experiment.model(experiment.options.parse(settings), experiment.training) as unknown as Learner;
    const { params } = await learner.init(random.key(0), {});
    const size = tree.sizeOf(params[part] as TensorTree);
    tree.dispose(params as unknown as TensorTree);
    return size;
  };

  it("of cyclecoop/mnist-edges are 99,553 for an energy and 50,529 for a translator", async () => {
    expect(await sizeOf(edges as unknown as Experiment, {}, "energyX")).toBe(99_553);
    expect(await sizeOf(edges as unknown as Experiment, {}, "translators")).toBe(2 * 50_529);
  });

  it("of coopnets/mnist-edges-paired have one channel more in each energy", async () => {
    expect(await sizeOf(pairs as unknown as Experiment, {}, "energyX")).toBe(99_553 + 16 * 32);
    expect(await sizeOf(pairs as unknown as Experiment, {}, "translators")).toBe(2 * 50_529);
  });

  it("of cyclecoop/horse2zebra-256 are the published ones, the energy's head at a smaller size", async () => {
    const at64 = 1_792 + 131_200 + 524_544 + 2_097_664 + 8 * 8 * 512 * 100 + 100;
    expect(await sizeOf(horses as unknown as Experiment, { size: 64 }, "energyY")).toBe(at64);
    expect(at64 - 8 * 8 * 51_200 + 32 * 32 * 51_200).toBe(55_184_100);
    expect(await sizeOf(horses as unknown as Experiment, { size: 64 }, "translators")).toBe(2 * 11_388_675);
  });

  it("of cyclecoop/emoji learn colours of 32 x 32", async () => {
    const learner = emoji.model(emoji.options.parse(small), emoji.training);
    const images = () => random.normal(random.key("images"), [2, 32, 32, 3]) as tf.Tensor4D;
    const batch = { x: { images: images() }, y: { images: images() } };
    const state = await learner.init(random.key(0), batch as never);
    const { metrics } = await learner.update(state, batch as never, { key: random.key(1), iteration: 0 });
    expect(metrics["identity.x"]).toBeGreaterThan(0);
  });
});

it("says which folder is missing, and where the pictures come from", () => {
  expect(() => horses.data(horses.options.parse({}))).toThrow(/options.from is not set.*horse2zebra.zip/);
});
