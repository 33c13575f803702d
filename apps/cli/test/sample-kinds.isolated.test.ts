/**
 * `ergodic sample` and `reconstruct` of every kind, from experiment files: written files, printed
 * text and JSON.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import type { Learner, Shown } from "@ergodic/training";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { imageModel } from "../src/evaluation/image-model.js";
import { run } from "../src/program.js";

/** An experiment with a learner that does not learn. Its samples are `made`, shown by `show`. */
const experiment = (made: string, show: string): string => `
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";

export default defineExperiment({
  name: "made",
  data: {
    load: async () => ({ description: "none", size: 4, batches: () => ({ perEpoch: 1, at: () => tf.zeros([2]) }) }),
  },
  model: () => ({
    init: async () => ({ params: tf.scalar(0) }),
    update: async (state) => ({ state: { params: tf.add(state.params, 1) }, metrics: { loss: 1 } }),
    sample: async (state, key, n) => ${made},
    ${show}
  }),
  training: { iterations: 1, batchSize: 2, sampleCount: 2 },
});
`;

/** A chain that fills pictures step by step, from black. */
const filling = `chains: () => ({
  data: {
    ...{ description: "pictures", steps: 3, generative: true },
    start: (key, n) => tf.ones([n, 2, 2, 1]),
    scattered: (key, n) => tf.neg(tf.ones([n, 2, 2, 1])),
    kernel: { init: (position) => ({ position }), step: ({ position }) => [{ position: tf.add(position, 0.5) }, {}] },
    energy: (x) => tf.mean(x, [1, 2, 3]),
    observe: (x) => x,
  },
}),`;
const words =
  'show: (x) => ({ kind: "text", values: x, textOf: (t) => t.map((i) => ["a", "b\\u001b[31m", "c"][i]).join(" ") }),';
/** Each text becomes one of b alone. */
const rewording =
  'reconstruct: async () => ({ original: tf.tensor2d([[0, 1], [2, 2]], [2, 2], "int32"), reconstruction: tf.ones([2, 2], "int32") }),';
const experiments = {
  images: experiment("tf.zeros([n, 2, 2, 1])", filling),
  points: experiment("tf.ones([n, 3])", ""),
  sequences: experiment("tf.zeros([n, 3, 2, 2, 1])", ""),
  text: experiment('tf.tile(tf.tensor2d([[0, 1, 2]], [1, 3], "int32"), [n, 1])', words + rewording),
};
type Kind = keyof typeof experiments;

let folder = "";
let printed = "";
let said = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ergodic-cli-"));
  for (const name of ["XDG_STATE_HOME", "LOCALAPPDATA"]) vi.stubEnv(name, join(folder, "state"));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  [printed, said] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
});

const at = (...names: readonly string[]) => join(folder, ...names);
const runs = new Set<Kind>();
async function trained(kind: Kind): Promise<string> {
  if (runs.has(kind)) return at(kind);
  runs.add(kind);
  await writeFile(at(`${kind}.mjs`), experiments[kind]);
  expect([await run(["train", at(`${kind}.mjs`), "--out", at(kind), "--engine", "cpu", "-q"]), said]).toEqual([0, ""]);
  printed = "";
  return at(kind);
}

describe("samples", () => {
  it.each([
    ["images", [5, 2, 2, 1]],
    ["points", [5, 3]],
    ["sequences", [5, 3, 2, 2, 1]],
  ] as const)("that are %s are a PNG", async (kind, shape) => {
    const folder = await trained(kind);
    expect(await run(["sample", folder, "-n", "5", "--engine", "cpu", "--json"])).toBe(0);
    const path = join(folder, "samples", "sample-0.png");
    expect(JSON.parse(printed)).toEqual({ run: folder, iteration: 1, seed: 0, n: 5, kind, shape, path });
    expect((await readFile(path)).subarray(1, 4).toString()).toBe("PNG");
  });

  it("are of fresh chains where these are asked for", async () => {
    const folder = await trained("images");
    const sample = async (...args: readonly string[]) => {
      const out = join(folder, "fresh.png");
      const code = await run(["sample", folder, "-n", "1", "--engine", "cpu", "--out", out, "--json", ...args]);
      return { code, picture: code === 0 ? await readFile(out) : undefined };
    };
    const grey = await sample();
    expect((await sample("--fresh", "--steps", "2")).picture).toEqual(grey.picture);
    expect((await sample("--fresh")).picture).not.toEqual(grey.picture);
    expect((await sample("--steps", "2")).code).toBe(2);
    expect(said).toMatch(/--steps is for fresh chains; add --fresh/);
    await trained("points");
    expect(await run(["sample", at("points"), "--fresh", "--engine", "cpu"])).toBe(1);
    expect(said).toMatch(/the model of this run has no chains to start; leave out --fresh/);
  });

  it("that are text are lines in a file, the first of them printed without moving the cursor", async () => {
    const folder = await trained("text");
    const sample = (...args: readonly string[]) => run(["sample", folder, "--engine", "cpu", ...args]);
    expect(await sample("-n", "12")).toBe(0);
    const path = join(folder, "samples", "sample-0.txt");
    expect(await readFile(path, "utf8")).toBe("a b\u001b[31m c\n".repeat(12));
    const lines = printed.split("\n");
    expect(lines.slice(0, 10)).toEqual(new Array(10).fill("  a b\ufffd[31m c"));
    expect(lines[10]).toBe("  ... and 2 more");
    expect(lines[11]).toMatch(/^12 samples of iteration 1: .*sample-0\.txt$/);
    printed = "";
    expect(await sample("-n", "1", "--json")).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({ kind: "text", texts: ["a b\u001b[31m c"], path });
    expect(await sample("--out", at("x.png"))).toBe(2);
    expect(said).toMatch(/--out ends in \.png, but samples of this model are a \.txt file/);
    expect(await readdir(folder + "/samples")).toEqual(["0000001.txt", "reconstruction-0000001.txt", "sample-0.txt"]);
  });

  it("that are text are reconstructed line by line, without an error of pixels", async () => {
    const folder = await trained("text");
    expect(await run(["reconstruct", folder, "-n", "2", "--engine", "cpu", "--json"])).toBe(0);
    const report = JSON.parse(printed) as { readonly path: string };
    const b = "b\u001b[31m";
    expect(report).toMatchObject({ n: 2, texts: [`a ${b}`, "c c"], reconstructions: [`${b} ${b}`, `${b} ${b}`] });
    expect(report).not.toHaveProperty("mse");
    expect(await readFile(report.path, "utf8")).toMatch(/^data {3}a /);
    expect(await run(["interpolate", folder, "--engine", "cpu"])).toBe(1);
    expect(said).toMatch(/has no latents/);
  });

  it("that are text have no score of images", async () => {
    await useEngine("cpu");
    const showing = (shown: Shown): Learner => ({
      init: () => Promise.reject(new Error("not asked for")),
      update: () => Promise.reject(new Error("not asked for")),
      sample: () => Promise.resolve(tf.zeros([2, 1, 1, 1])),
      show: () => shown,
    });
    const sampled = (shown: Shown) => imageModel(showing(shown), { params: [] }).sample!(random.key(0), 2);
    const text: Shown = { kind: "text", values: tf.zeros([2, 3], "int32"), textOf: String };
    await expect(sampled(text)).rejects.toThrow(/the model makes text; this score is one of images/);
    expect((await sampled({ kind: "images", values: tf.ones([2, 1, 1, 1]) })).dataSync()).toEqual(
      Float32Array.of(1, 1),
    );
  });
});
