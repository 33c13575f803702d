/** The presets of published tables: sizes, settings, an update on small images, missing data. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { useEngine } from "@ergodic/engine";
import type { Experiment } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { jointPriorTables } from "../src/preset-parts/joint-prior-tables.js";
import jointCeleba from "../src/presets/joint-prior/celeba-64.js";
import jointCifar from "../src/presets/joint-prior/cifar10.js";
import jointSvhn from "../src/presets/joint-prior/svhn.js";
import celeba128 from "../src/presets/latent-prior/celeba-128.js";
import celeba64 from "../src/presets/latent-prior/celeba-64.js";
import cifar from "../src/presets/latent-prior/cifar10.js";
import svhn from "../src/presets/latent-prior/svhn.js";
import { expectLatentPrior, expectUpdate } from "./image-tables.js";
import { emptyFolder } from "./support.js";

beforeAll(() => useEngine("onnx"));

describe("published tables", () => {
  it("of latent-prior/svhn have the networks and settings of the paper", async () => {
    const steps = [60, 20] as const;
    const table = { generator: 3_447_683, energy: 60_601, batchSize: 100, iterations: 201 * 733, steps };
    await expectLatentPrior(svhn, table);
  });

  it.each(["chains", "network"])("of joint-prior/cifar10 learn by %s, at a small width", async (inference) => {
    await expectUpdate(jointPriorTables.cifar10, 32, { inference, features: 2, inferenceFeatures: 2 });
  });
});

describe("missing data", () => {
  it("are named with their files, their address and the option", () => {
    const message = (preset: Experiment): string => {
      try {
        preset.data(preset.options.parse({}));
      } catch (error) {
        return (error as Error).message;
      }
      return "no error";
    };
    expect(message(svhn)).toBe(
      "options.dataFrom is not set, expected the folder with the files of SVHN: train_32x32.mat and test_32x32.mat; get them from http://ufldl.stanford.edu/housenumbers, put them into a folder and name it: --set options.dataFrom=data/svhn",
    );
    expect(message(jointSvhn)).toBe(message(svhn));
    expect(message(cifar)).toMatch(/CIFAR-10: data_batch_1\.bin .*cs\.toronto\.edu.*dataFrom=data\/cifar10$/);
    expect(message(jointCifar)).toBe(message(cifar));
    for (const preset of [celeba64, celeba128, jointCeleba])
      expect(message(preset)).toMatch(/CelebA: img_align_celeba\.zip .*CelebA\.html.*dataFrom=data\/celeba$/);
  });

  it("in a folder are named when they are read", async () => {
    const folder = join(await emptyFolder(), "data");
    await mkdir(folder);
    const problem = async (preset: Experiment): Promise<string> =>
      preset
        .data(preset.options.parse({ dataFrom: folder }))
        .load()
        .then(
          () => "no error",
          (error: Error) => error.message,
        );
    expect(await problem(svhn)).toMatch(/has no train_32x32\.mat, .*ufldl\.stanford\.edu/);
    expect(await problem(cifar)).toMatch(/has no data_batch_1\.bin, .*cs\.toronto\.edu/);
    expect(await problem(celeba64)).toMatch(/no image/);
  });
});
