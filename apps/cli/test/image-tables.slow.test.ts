/** The presets of published tables at their full size. */
import { useEngine } from "@ergodic/engine";
import { beforeAll, describe, it } from "vitest";
import { jointPriorTables } from "../src/preset-parts/joint-prior-tables.js";
import celeba128 from "../src/presets/latent-prior/celeba-128.js";
import celeba64 from "../src/presets/latent-prior/celeba-64.js";
import cifar from "../src/presets/latent-prior/cifar10.js";
import { expectJointPrior, expectLatentPrior, expectUpdate } from "./image-tables.js";

beforeAll(() => useEngine("onnx"));

const { cifar10, svhn, celeba64: celeba } = jointPriorTables;

describe("published tables of latent-prior", () => {
  it.each([
    [cifar, { generator: 18_883_075, energy: 66_201, batchSize: 128, iterations: 201 * 391, steps: [60, 40] }],
    [celeba64, { generator: 12_656_515, energy: 60_601, batchSize: 128, iterations: 201 * 313, steps: [60, 40] }],
    [celeba128, { generator: 47_851_395, energy: 1_103_001, batchSize: 400, iterations: 400 * 75, steps: [80, 40] }],
  ] as const)("%#", (preset, table) => expectLatentPrior(preset, table));
});

describe("published tables of joint-prior", () => {
  // SVHN and CelebA-64 have z1 of 100 numbers, and CelebA-64 one more convolution.
  const ofHundred = { conditional: 181_000, energies: [100_801, 20_301] as const };
  it.each([
    [
      cifar10,
      {
        ...{ generator: 18_883_075, conditional: 192_256, energies: [106_401, 20_301] as const },
        inference: [27_271_936, 186_600] as const,
      },
    ],
    [svhn, { generator: 3_447_683, ...ofHundred, inference: [23_601_864, 181_000] as const }],
    [celeba, { generator: 12_656_515, ...ofHundred, inference: [40_380_104, 181_000] as const }],
  ])("%#", (table, expected) => {
    expectJointPrior(table, expected);
  });

  it.each(
    [
      [cifar10, 32],
      [svhn, 32],
      [celeba, 64],
    ].flatMap(([table, side]) => ["chains", "network"].map((inference) => [table, side, inference] as const)),
  )("%# learn", (table, side, inference) => expectUpdate(table as typeof cifar10, side as number, { inference }));
});
