/** Checks of the presets of published tables, for fast and slow tests. */
import { imageDataset, type ImageBatch } from "@ergodic/data";
import { random, tree, trainedPart, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { jointPriorNetworks, jointPriorTable, type JointPriorTable } from "../src/preset-parts/joint-prior-table.js";
import type { latentPriorTable } from "../src/preset-parts/latent-prior-table.js";

const size = (params: TensorTree): number =>
  tree.leaves(trainedPart(params)).reduce((total, leaf) => total + leaf.size, 0);

/** The numbers of parameters of a part's leaves of the first level. The parameters are freed. */
function sizesOf<P>(init: () => P): { readonly [Name in keyof P]: number } {
  const params = init() as Readonly<Record<string, TensorTree>>;
  const sizes = Object.fromEntries(Object.entries(params).map(([name, part]) => [name, size(part)]));
  tree.dispose(params as TensorTree);
  return sizes as { readonly [Name in keyof P]: number };
}

export interface ExpectedTable {
  readonly generator: number;
  readonly energy: number;
  readonly batchSize: number;
  readonly iterations: number;
  readonly steps: readonly [prior: number, posterior: number];
}

/** Sizes and settings of a table of `latent-prior`. */
export async function expectLatentPrior(preset: ReturnType<typeof latentPriorTable>, expected: ExpectedTable) {
  const options = preset.options.parse({});
  const learner = preset.model(options, preset.training);
  const { params, optimizer } = await learner.init(random.key(0), { images: tf.zeros([1, 1, 1, 3]) });
  tree.dispose(optimizer);
  expect(sizesOf(() => params)).toEqual({ generator: expected.generator, energy: expected.energy });
  const { batchSize, iterations, steps } = expected;
  expect(preset.training).toMatchObject({ batchSize, iterations });
  expect([options.prior, options.posterior]).toEqual(
    steps
      .map((count) => ({ steps: count, stepSize: 0.4 }))
      .with(1, {
        steps: steps[1],
        stepSize: 0.1,
      }),
  );
}

export interface ExpectedLayers {
  readonly generator: number;
  readonly conditional: number;
  /** Energies of z1 and z2. */
  readonly energies: readonly [number, number];
  /** Networks from x to z1 and from z1 to z2. */
  readonly inference: readonly [number, number];
}

/** Sizes of a table of `joint-prior`. */
export function expectJointPrior(table: JointPriorTable, expected: ExpectedLayers): void {
  const { generator, latents, energy, inference } = jointPriorNetworks(table, jointPriorTable(table).options.parse({}));
  const key = random.key(0);
  expect(sizesOf(() => ({ all: generator.init(key) })).all).toBe(expected.generator);
  expect(sizesOf(() => ({ all: latents.init!(key) })).all).toBe(expected.conditional);
  expect(sizesOf(() => energy.init(key))).toEqual({ z1: expected.energies[0], z2: expected.energies[1] });
  expect(Object.values(sizesOf(() => inference.init(key)))).toEqual(expected.inference);
}

/** One update on two random images, and what the learner then makes. */
export async function expectUpdate(
  table: JointPriorTable,
  side: number,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const preset = jointPriorTable(table);
  const steps = { prior: { steps: 2 }, posterior: { steps: 2 } };
  const learner = preset.model(preset.options.parse({ ...steps, ...given }), preset.training);
  const bytes = random.host.integers(random.key("pixels"), 2 * side * side * 3, { high: 256 });
  const data = imageDataset({ description: "noise", bytes: Uint8Array.from(bytes), imageShape: [side, side, 3] });
  const batch: ImageBatch = data.take(Int32Array.of(0, 1));
  const state = await learner.init(random.key(0), batch);
  const { state: next, metrics } = await learner.update(state, batch, { key: random.key(1), iteration: 0 });
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  expect(((await learner.sample!(next, random.key(2), 1)) as tf.Tensor).shape).toEqual([1, side, side, 3]);
  expect((await learner.score!(next, batch, random.key(3))).shape).toEqual([2]);
  await learner.dispose!();
}
