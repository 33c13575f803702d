/**
 * `ergodic evaluate` in the features of the Inception network, end to end, with seeded random
 * weights.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { writeNpz } from "@ergodic/formats/node";
import { writeSeededInception } from "./seeded-inception.js";
import { emptyFolder, ergodic, expectOneMessage, names, tiny } from "./support.js";
import { readEvaluations } from "../src/evaluation/evaluation-file.js";

let folder = "";
let weights: string[] = [];
let hash = "";

/** Writes `count` pictures of noise with values below `top`. */
async function pictures(name: string, count: number, top: number): Promise<void> {
  await mkdir(join(folder, name));
  let state = top;
  for (let i = 0; i < count; i++) {
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 32) * top;
    });
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } }).toFile(join(folder, name, `${i}.png`));
  }
}

beforeAll(async () => {
  folder = await emptyFolder();
  await writeSeededInception(join(folder, "inception.safetensors"), 1);
  weights = ["--weights", "inception.safetensors", "--engine", "onnx"];
  hash = createHash("sha256")
    .update(await readFile(join(folder, "inception.safetensors")))
    .digest("hex");
  await pictures("fake", 10, 200);
  await pictures("real", 6, 256);
  await writeFile(join(folder, "fake", "._0.png"), "what a Mac leaves");
  await writeFile(join(folder, "fake", "notes.txt"), "no image");
});

interface Report {
  readonly fid: { readonly value: number };
  readonly [name: string]: unknown;
}

describe("scores of a folder of images", () => {
  let report: Report;
  beforeAll(async () => {
    const metrics = ["--metrics", "fid,is,kid,prdc", "--kid-subset", "4", "--feature-file", "kept"];
    const asked = [...metrics, "--reference", "real", "--seed", "4"];
    const { code, stdout, stderr } = await ergodic(
      ...([folder, "evaluate", "fake", ...asked, ...weights, "--save-statistics", "fake.npz", "--json"] as const),
    );
    expect(stderr).toMatch(/^features of the images$/m);
    expect(code).toBe(0);
    report = JSON.parse(stdout) as Report;
  });

  it("hold all that it takes to repeat them", () => {
    const network = { network: "FID Inception, unofficial weights", weights: hash, resize: "tf1" };
    const images = { ...network, quantisation: "uint8", grey: false };
    expect(report).toMatchObject({
      images: "fake",
      seed: 4,
      kid: { subsets: 100, subsetSize: 4 },
      is: { splits: 10 },
      prdc: [
        { neighbours: 3, closed: true },
        { neighbours: 5, closed: false },
      ],
      protocol: {
        generated: {
          ...{ ...images, count: 10, images: "10 image files in fake" },
          files: {
            found: 10,
            skipped: {
              hidden: { count: 1, examples: ["._0.png"] },
              "other files": { count: 1, examples: ["notes.txt"] },
            },
            reduced: {},
          },
        },
        reference: {
          ...{ ...images, count: 6, images: "6 image files in real" },
          files: { found: 6, skipped: {}, reduced: {} },
        },
        seed: 4,
      },
      reference: { given: "real" },
      warnings: [
        { kind: "unofficial-weights" },
        { kind: "few-examples", biased: ["fid"] },
        { kind: "few-examples", biased: ["is"] },
        { kind: "few-examples", biased: ["prdc"] },
      ],
    });
    expect(report.fid.value).toBeGreaterThan(0);
  });

  it("leave statistics that serve as a reference: the distance is the same both ways round", async () => {
    expect(names(folder, "fake")).toHaveLength(12);
    const kept = await readFile(join(folder, "kept"));
    const asked = ["--reference", "fake.npz", "--feature-file", "kept", "--json"];
    const { stdout } = await ergodic(folder, "evaluate", "real", ...asked, ...weights);
    const back = JSON.parse(stdout) as Report;
    // The features were computed for the scores above.
    expect((await readFile(join(folder, "kept"))).equals(kept)).toBe(true);
    expect(Math.abs(back.fid.value / report.fid.value - 1)).toBeLessThan(1e-6);
    const file = createHash("sha256")
      .update(await readFile(join(folder, "fake.npz")))
      .digest("hex");
    expect(back).toMatchObject({ reference: { given: "fake.npz", sha256: file } });
  });

  it("are text with their warnings otherwise", async () => {
    const asked = ["--reference", "fake.npz", "--resize", "clean", "--samples", "3"];
    const { stdout } = await ergodic(folder, "evaluate", "fake", ...asked, ...weights);
    expect(stdout).toMatch(/^FID +\d/m);
    expect(stdout).toMatch(/^images +3: 10 image files in fake$/m);
    expect(stdout).toMatch(/^ {2}left out +1 hidden \(\._0\.png\); 1 other files \(notes\.txt\)$/m);
    expect(stdout).toMatch(/^note: the weights are not the published file/m);
    expect(stdout).toMatch(/^note: resize is clean for generated images and tf1 for the reference/m);
    expect(stdout).toMatch(/^note: 3 examples are fewer than the 2048 features/m);
  });
});

describe("scores of a run", () => {
  const run = join("runs", "quickstart-1");
  beforeAll(async () => {
    const settings = ["--set", "training.iterations=1", "--no-evaluate", "--quiet"];
    expect((await ergodic(folder, "train", "quickstart", ...tiny, ...settings)).code).toBe(0);
  });

  it("stand beside its own metrics", async () => {
    const asked = ["--metrics", "fid,mse", "--reference", "fake.npz", "--samples", "2"];
    const { stdout, code } = await ergodic(folder, "evaluate", run, ...asked, ...weights, "--json", "--quiet");
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report).toMatchObject({
      iteration: 1,
      mse: { test: 2 },
      protocol: { generated: { count: 2, grey: true, quantisation: "uint8" } },
    });
    expect(report).not.toHaveProperty("fpd");
    expect(report.fid.value).toBeGreaterThan(0);
    expect(Object.values((await readEvaluations(join(folder, run, "evaluation.json"))).evaluations)).toContainEqual(
      report,
    );
  });
});

describe("anomalies told from test data", () => {
  const run = join("runs", "quickstart-1");
  const find = (...asked: readonly string[]) =>
    ergodic(folder, "evaluate", run, ...asked, "--samples", "200", "--quiet");

  it("give areas and rates that are the same again, with what it takes to repeat them", async () => {
    const asked = ["--metrics", "auroc,auprc", "--anomalies", "noise", "--json"];
    const { stdout } = await find(...asked);
    const report = JSON.parse(stdout) as Report & { readonly auroc: { readonly value: number } };
    expect(report).toMatchObject({
      ...{ iteration: 1, seed: 0 },
      auprc: { chance: 0.5 },
      detection: {
        positive: "anomalies",
        test: { description: "MNIST test: 10,000 images, 28 x 28 x 1", count: 200 },
        anomalies: { given: "noise", count: 200 },
      },
    });
    for (const absent of ["fpd", "mse", "tprAtFpr"]) expect(report).not.toHaveProperty(absent);
    // An untrained generator makes grey images. Noise, of variance 1/3, is nearer to grey than
    // digits on black.
    expect(report.auroc.value).toBeLessThan(0.05);
    expect(JSON.parse((await find(...asked)).stdout)).toEqual(report);
  });

  it("are asked for by name, and refused where they would be ignored", async () => {
    expectOneMessage(await find("--metrics", "tpr@fpr"), /no anomalies to find; give --anomalies <images>/);
    const ignored = await find("--metrics", "mse", "--anomalies", "noise");
    expectOneMessage(ignored, /--anomalies is for auroc, auprc, tpr@fpr, fpr@tpr; add one of them/, 2);
  });
});

describe("what cannot be scored", () => {
  it.each([
    [
      ["evaluate", "fake", "--metrics", "fidd"],
      /unknown metric "fidd"\. Did you mean "fid"\?.*\(all: fpd, mse, .*auroc, auprc,/,
    ],
    [["evaluate", "fake", "--metrics", "mse"], /mse can be had of a trained run only; fake is none/],
    [["evaluate", "fake", "--resize", "tf2"], /tf1, clean/],
    [["evaluate", "fake", "--range", "1,-1"], /two numbers low,high/],
  ])("%j ends with exit code 2", async (args, text) => {
    expectOneMessage(await ergodic(folder, ...args), text, 2);
  });

  it.each([
    [["evaluate", "fakes"], /fakes is not a run: .* no folder, \.npz or \.safetensors file, or data set "fakes"/],
    [["evaluate", "fake", "--reference", "mnits"], /data set "mnits"\. Did you mean "mnist"\?/],
  ])("%j names what there is", async (args, text) => {
    expectOneMessage(await ergodic(folder, ...args, ...weights), text);
  });

  it("for lack of examples is told before features are computed", async () => {
    const outcome = await ergodic(folder, "evaluate", "fake", "--metrics", "kid", "--reference", "real", ...weights);
    expect(outcome.stderr).toMatch(/kid of 10 image files in fake: 10 images, expected at least 1000/);
    expect(outcome.stderr).not.toMatch(/features/);
    expect(outcome.code).toBe(1);
  });

  it("for pixels that are no numbers, or lie outside the range", async () => {
    const values = Float32Array.from({ length: 2 * 12 }, (_, i) => i / 24);
    const at = async (name: string, pixels: Float32Array) =>
      writeNpz(join(folder, name), { arr_0: { shape: [2, 2, 2, 3], values: pixels } });
    await at("floats.npz", values);
    await at("nan.npz", values.with(5, NaN));
    const evaluate = (name: string, ...range: string[]) =>
      ergodic(folder, "evaluate", name, "--reference", "real", ...range, ...weights, "--quiet");
    expectOneMessage(await evaluate("floats.npz"), /floats of no stated range/);
    expectOneMessage(await evaluate("nan.npz", "--range", "0,1"), /pixel 5 of the images is NaN/);
    expectOneMessage(await evaluate("floats.npz", "--range", "0,0.5"), /expected values in 0 \.\. 0\.5/);
  });

  it("because weights are not those of the network", async () => {
    await writeFile(join(folder, "other.pth"), "no weights");
    const outcome = await ergodic(
      folder,
      "evaluate",
      "fake",
      "--reference",
      "real",
      "--weights",
      "other.pth",
      "--quiet",
    );
    expectOneMessage(outcome, /other\.pth starts with .* expected a \.pth file/);
  });
});
