/**
 * `ergodic evaluate` in the features of the digit classifier, and the classifier's own commands,
 * end to end.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { mnist } from "@ergodic/data/node";
import { lenetFile } from "@ergodic/evaluation/networks";
import { beforeAll, describe, expect, it } from "vitest";
import { writeNpz } from "@ergodic/formats/node";
import { emptyFolder, ergodic, expectOneMessage, names, tiny } from "./support.js";

let folder = "";
const engine = ["--engine", "onnx"];

async function digits(name: string, split: "train" | "test", count: number): Promise<void> {
  const data = await mnist({ split, limit: count, scale: [0, 255] }).load();
  const { images, shape } = data.all();
  await writeNpz(join(folder, name), { arr_0: { shape: [...shape], values: Uint8Array.from(images) } });
}

beforeAll(async () => {
  folder = await emptyFolder();
  await digits("train.npz", "train", 300);
  await digits("test.npz", "test", 300);
});

interface Report {
  readonly lenet: { readonly fdLenet: { readonly value: number } };
}

describe("scores of digits", () => {
  const asked = ["--reference", "train.npz", ...engine, "--quiet"];

  it("hold all that it takes to repeat them, under names of their own", async () => {
    const metrics = ["--metrics", "fd-lenet,is-lenet,kid-lenet,prdc-lenet", "--kid-subset", "100", "--seed", "2"];
    const { stdout, code } = await ergodic(folder, "evaluate", "test.npz", ...metrics, ...asked, "--json");
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    const network = { network: "LeNet of MNIST digits", weights: lenetFile.sha256, grey: true, quantisation: "uint8" };
    const file = createHash("sha256").update(await readFile(join(folder, "train.npz")));
    expect(report).toMatchObject({
      ...{ images: "test.npz", seed: 2 },
      lenet: {
        isLenet: { splits: 10 },
        kidLenet: { subsets: 100, subsetSize: 100 },
        prdcLenet: [{ neighbours: 3 }, { neighbours: 5 }],
        protocol: {
          generated: { ...network, count: 300, resize: "none at 28 x 28, else clean" },
          reference: { ...network, count: 300 },
          seed: 2,
        },
        reference: { given: "train.npz", sha256: file.digest("hex") },
        warnings: [
          { kind: "few-examples", biased: ["fd-lenet"] },
          { kind: "few-examples", biased: ["is-lenet"] },
          { kind: "few-examples", biased: ["prdc-lenet"] },
        ],
      },
    });
    expect(Object.keys(report).sort()).toEqual(["images", "lenet", "seed"]);
    expect(Object.keys(report.lenet)).not.toContain("fid");
    expect(report.lenet.fdLenet.value).toBeGreaterThan(0);
  });

  it("are text that never says FID, with a note where digits are few", async () => {
    const metrics = ["--metrics", "fd-lenet,is-lenet", "--samples", "40"];
    const { stdout } = await ergodic(folder, "evaluate", "test.npz", ...metrics, ...asked);
    expect(stdout).toMatch(/^FD-LeNet +\d/m);
    expect(stdout).toMatch(/^IS-LeNet +\d/m);
    expect(stdout).toMatch(
      /^network +LeNet of MNIST digits, resize none at 28 x 28, else clean, weights [0-9a-f]{8}$/m,
    );
    expect(stdout).toMatch(/^note: 40 examples are fewer than the 84 features/m);
    expect(stdout).not.toMatch(/\bFID\b|Inception/);
  });

  it("have statistics of their own space, which serve as a reference there, as no others do", async () => {
    const saving = ["--metrics", "fd-lenet", "--save-statistics", "test-statistics.npz"];
    expect((await ergodic(folder, "evaluate", "test.npz", ...saving, ...asked)).code).toBe(0);
    const same = ["--metrics", "fd-lenet", "--reference", "test-statistics.npz", ...engine, "--quiet", "--json"];
    const { stdout } = await ergodic(folder, "evaluate", "test.npz", ...same);
    expect((JSON.parse(stdout) as Report).lenet.fdLenet.value).toBeLessThan(1e-6);
    const sigma = { shape: [3, 3], values: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
    await writeNpz(join(folder, "other.npz"), { mu: { shape: [3], values: new Float64Array(3) }, sigma });
    const other = ["--metrics", "fd-lenet", "--reference", "other.npz", ...engine, "--quiet"];
    expectOneMessage(
      await ergodic(folder, "evaluate", "test.npz", ...other),
      /the reference has 3 features, expected the 84 of LeNet of MNIST digits/,
    );
    const both = ["--metrics", "fid,fd-lenet", "--save-statistics", "x.npz"];
    expectOneMessage(await ergodic(folder, "evaluate", "test.npz", ...both, ...asked), /features of one network/, 2);
  });

  it("of a run stand beside its own", async () => {
    const settings = ["--set", "training.iterations=1", "--no-evaluate", "--quiet", "--out", "run"];
    expect((await ergodic(folder, "train", "quickstart", ...tiny, ...settings)).code).toBe(0);
    const metrics = ["--metrics", "fd-lenet,mse,likelihood", "--samples", "20", "--importance-samples", "5"];
    const { stdout, code } = await ergodic(folder, "evaluate", "run", ...metrics, ...asked, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      mse: { test: 20 },
      likelihood: {
        ...{ value: expect.any(Number), bitsPerDimension: expect.any(Number), samples: 5 },
        effectiveSamples: { median: expect.any(Number), least: expect.any(Number) },
        partition: { samples: 10_000 },
        test: { count: 20 },
      },
      settings: { metrics: ["mse", "likelihood", "fd-lenet"], likelihoodExamples: 20, importanceSamples: 5 },
      lenet: { protocol: { generated: { count: 20 } } },
    });
  });

  it("that cannot be had are told so, by the metric's name", async () => {
    const evaluate = (...args: string[]) => ergodic(folder, "evaluate", "test.npz", ...args, ...engine, "--quiet");
    expectOneMessage(await evaluate("--metrics", "fd-lenet"), /fd-lenet has no reference/);
    expectOneMessage(await evaluate("--metrics", "fd-lent"), /unknown metric "fd-lent"\. Did you mean "fd-lenet"\?/, 2);
    expectOneMessage(
      await evaluate("--metrics", "kid-lenet", "--reference", "train.npz"),
      /kid-lenet of .*: 300 images, expected at least 1000/,
    );
  });
});

describe("the classifier of digits", () => {
  it("comes along, and says how it was made", async () => {
    const { stdout } = await ergodic(folder, "weights", "lenet", "--json");
    expect(JSON.parse(stdout)).toEqual(lenetFile);
    expect((await ergodic(folder, "weights", "lenet")).stdout).toMatch(
      /lenet-mnist\.safetensors: SHA-256 [0-9a-f]{64}, 99\.\d\d % of 10,000 test digits right/,
    );
  });

  it("can be trained, and is not written before it knows the digits", async () => {
    const few = ["--set", "training.iterations=2", "--set", "options.examples=200", "--no-evaluate", "--quiet"];
    const training = ["train", "classifier/mnist-lenet", "--out", "classifier", ...few, ...engine];
    expect((await ergodic(folder, ...training)).code).toBe(0);
    const writing = ["weights", "lenet", "--from", "classifier", "--out", "weights", ...engine];
    expectOneMessage(await ergodic(folder, ...writing), /of the test digits right, expected at least 99\.00 %/);
    expect(names(folder)).not.toContain("weights");
    expectOneMessage(await ergodic(folder, "weights", "lenet", "--from", "run", "--out", "w"), /is no run of/);
    expectOneMessage(await ergodic(folder, "weights", "lenet", "--out", "w"), /belong together/, 2);
  });
});
