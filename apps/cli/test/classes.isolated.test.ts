/**
 * `ergodic evaluate` and `ergodic sample --class` of models that know classes, from experiment
 * files.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/program.js";

/** Two classes in turn. The learner does not learn: it says class 1 with probability 0.8. */
const experiment = (hooks: string): string => `
import { arrayDataset } from "@ergodic/data";
import { assertInRange } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";

const labels = { values: Int32Array.from({ length: 40 }, (_, i) => i % 2), shape: [40] };
const data = { load: async () => arrayDataset("classes in turn", { labels }) };

export default defineExperiment({
  name: "two-classes",
  data,
  model: () => ({
    init: async () => ({ params: tf.scalar(0) }),
    update: async (state) => ({ state: { params: tf.add(state.params, 1) }, metrics: { loss: 1 } }),
    sample: async (state, key, n) => tf.zeros([n, 2, 2, 1]),
    ${hooks}
  }),
  evaluation: { test: data },
  training: { iterations: 1, batchSize: 2, sampleCount: 2 },
});
`;

const hooks = `
classify: async (state, { labels }) => ({
  logProbabilities: tf.tile(tf.log([[0.2, 0.8]]), [labels.size, 1]),
  labels,
}),
classes: 2,
sampleClass: async (state, label, key, n) => {
  assertInRange({ class: label }, { min: 0, max: 1 });
  return tf.fill([n, 2, 2, 1], label);
},`;

let folder = "";
let printed = "";
let said = "";
const at = (name: string) => join(folder, name);
const ergodic = (...args: readonly string[]) => run([...args, "--engine", "cpu"]);

const listen = () => {
  printed = said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
};

beforeAll(async () => {
  listen();
  folder = await mkdtemp(join(tmpdir(), "ergodic-cli-"));
  for (const name of ["XDG_STATE_HOME", "LOCALAPPDATA"]) vi.stubEnv(name, at("state"));
  for (const [name, own] of [
    ["known", hooks],
    ["none", ""],
  ] as const) {
    await writeFile(at(`${name}.mjs`), experiment(own));
    const quiet = ["--quiet", "--no-evaluate", "--json"];
    expect(await ergodic("train", at(`${name}.mjs`), "--out", at(name), ...quiet)).toBe(0);
  }
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(listen);

describe("a model that classifies", () => {
  it("is evaluated on the test data: accuracy, calibration and proper scores", async () => {
    expect(await ergodic("evaluate", at("known"), "--json", "--quiet")).toBe(0);
    const scores = JSON.parse(printed) as Readonly<Record<string, { readonly value: number }>>;
    expect(scores).toMatchObject({
      accuracy: { value: 0.5 },
      ece: { bins: 15, reliability: [{ count: 40, accuracy: 0.5 }] },
      classification: { test: { description: "classes in turn", count: 40 } },
      settings: { metrics: ["accuracy", "ece", "brier", "nll"] },
    });
    expect(scores["ece"]!.value).toBeCloseTo(0.3, 6);
    expect(scores["brier"]!.value).toBeCloseTo(0.68, 6);
    expect(scores["nll"]!.value).toBeCloseTo(-0.5 * Math.log(0.16), 6);
  });

  it("is evaluated by the metrics asked for, in words", async () => {
    expect(await ergodic("evaluate", at("known"), "--metrics", "ece,nll", "--quiet")).toBe(0);
    expect(printed).toMatch(/^calibration error +30 % +expected, 15 bins of confidence$/m);
    expect(printed).toMatch(/^NLL of classes +0\.916 nats$/m);
    expect(printed).toMatch(/^classified +40 of classes in turn$/m);
    expect(printed).not.toMatch(/accuracy/);
  });

  it("is a condition of these metrics", async () => {
    expect(await ergodic("evaluate", at("none"), "--metrics", "accuracy", "--quiet")).toBe(1);
    expect(said).toMatch(/classifies no examples; accuracy need a learner with classify\(\)/);
  });
});

/** Width and height in pixels. */
async function sizeOf(path: string): Promise<[number, number]> {
  const picture = await readFile(path);
  return [picture.readUInt32BE(16), picture.readUInt32BE(20)];
}

describe("samples of classes", () => {
  it("are a row for each class in what training shows", async () => {
    // One image of 2 x 2 above another, with a gap, each pixel a square of 32.
    expect(await sizeOf(join(at("known"), "samples", "0000001.png"))).toEqual([2 * 32, 5 * 32]);
    expect(await sizeOf(join(at("none"), "samples", "0000001.png"))).toEqual([5 * 32, 2 * 32]);
  });

  it("are a row for each class", async () => {
    expect(await ergodic("sample", at("known"), "--class", "1,0", "-n", "3", "--json")).toBe(0);
    const path = join(at("known"), "samples", "sample-class-1-0-0.png");
    expect(JSON.parse(printed)).toMatchObject({ n: 3, classes: [1, 0], shape: [6, 2, 2, 1], path });
    expect(await sizeOf(path)).toEqual([8 * 32, 5 * 32]);
  });

  it("are counted in words", async () => {
    expect(await ergodic("sample", at("known"), "--class", "1", "-n", "2")).toBe(0);
    expect(printed).toMatch(/^2 samples of class 1 of iteration 1: .*sample-class-1-0\.png$/m);
  });

  it.each([
    ["known", ["--class", "2"], 1, /class is 2, expected a number in \[0, 1\]/],
    ["known", ["--class", "one"], 2, /Expected a whole number from 0/],
    ["known", ["--class", "1", "--fresh"], 2, /leave out --fresh or --class/],
    ["none", ["--class", "1"], 1, /samples no classes: its learner has no sampleClass\(\); leave out --class/],
  ])("of %s with %j are refused", async (name, args, code, message) => {
    expect(await ergodic("sample", at(name), ...args)).toBe(code);
    expect(said).toMatch(message);
  });
});
