/**
 * Detection averaged over checkpoints: at the end of `ergodic train`, and by `ergodic evaluate`.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../src/program.js";

/** Numbers. After i updates the score of x is x - i where that is positive, else 0. */
const experiment = `
import { arrayDataset } from "@ergodic/data";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";

const numbers = (...x) => ({
  load: async () => arrayDataset(x.length + " numbers", { x: { values: Float32Array.from(x), shape: [x.length] } }),
});
const score = async (state, { x }) => tf.relu(tf.sub(x, state.params));

export default defineExperiment({
  name: "numbers",
  data: numbers(0, 1),
  model: () => ({
    init: async () => ({ params: tf.scalar(0) }),
    update: async (state) => ({ state: { params: tf.add(state.params, 1) }, metrics: { loss: 1 } }),
    score,
    scores: async (state, batch) => ({ score: await score(state, batch), plainNumber: tf.clone(batch.x) }),
  }),
  evaluation: {
    test: numbers(0, 1, 2, 3),
    anomalies: numbers(1.5, 2.5, 4),
    checkpoints: 2,
    published: {
      metric: "auroc",
      rows: [{ name: "Someone", value: 0.9, spread: 0.01, source: "arXiv 0000.00000" }],
      note: "not the same numbers.",
    },
  },
  training: { iterations: 3, batchSize: 2, keepCheckpoints: 3, checkpointEvery: 1 },
});
`;

let folder = "";
let printed = "";
let said = "";
const at = (name: string) => join(folder, name);
const ergodic = (...args: readonly string[]) => run([...args, "--engine", "cpu", "--quiet"]);
const listen = () => {
  printed = said = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((printed += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
};
interface Record {
  readonly auroc: { readonly value: number; readonly standardDeviation?: number };
  readonly checkpoints?: readonly { readonly iteration: number }[];
  readonly settings: { readonly checkpoints?: readonly number[] };
}
let trained: Record;

beforeAll(async () => {
  listen();
  folder = await mkdtemp(join(tmpdir(), "ergodic-cli-"));
  for (const name of ["XDG_STATE_HOME", "LOCALAPPDATA"]) vi.stubEnv(name, at("state"));
  await writeFile(at("numbers.mjs"), experiment);
  expect(await ergodic("train", at("numbers.mjs"), "--out", at("run"), "--json")).toBe(0);
  trained = (JSON.parse(printed) as { readonly evaluation: Record }).evaluation;
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(listen);

describe("detection over the last checkpoints", () => {
  // Of 12 pairs of an anomaly and a test number, those with the anomaly above: 8.5 after 2 updates,
  // 8 after 3, where equal scores count half.
  it("ends training: mean and deviation of the checkpoints that the experiment asks for", () => {
    expect(trained.auroc.value).toBeCloseTo(8.25 / 12, 12);
    expect(trained.auroc.standardDeviation).toBeCloseTo(0.25 / 12, 12);
    expect(trained.checkpoints!.map(({ iteration }) => iteration)).toEqual([2, 3]);
    expect(trained.settings.checkpoints).toEqual([2, 3]);
  });

  it("is the same by evaluate, and in words with other scores and published values", async () => {
    expect(await ergodic("evaluate", at("run"), "--json")).toBe(0);
    expect(JSON.parse(printed)).toEqual(trained);
    listen();
    expect(await ergodic("evaluate", at("run"))).toBe(0);
    expect(printed).toMatch(/^AUROC +0\.688 ± 0\.021$/m);
    expect(printed).toMatch(/^mean ± sd +over 2 checkpoints, of iterations 2 to 3$/m);
    expect(printed).toMatch(/^plain number +0\.750 ± 0\.000 /m);
    expect(printed).toMatch(/^Someone +0\.900 ± 0\.010 +arXiv 0000\.00000\nnote: not the same numbers\.$/m);
  });

  it("takes another number of checkpoints, or another last one", async () => {
    const scores = async (...flags: readonly string[]) => {
      listen();
      expect(await ergodic("evaluate", at("run"), "--json", "--metrics", "auroc", ...flags)).toBe(0);
      const { auroc, checkpoints } = JSON.parse(printed) as Record;
      return [auroc.value * 12, checkpoints?.map(({ iteration }) => iteration)];
    };
    expect(await scores("--checkpoints", "3")).toEqual([expect.closeTo((9 + 8.5 + 8) / 3, 6) as number, [1, 2, 3]]);
    expect(await scores("--checkpoint", "2")).toEqual([expect.closeTo(8.75, 6) as number, [1, 2]]);
    expect(await scores("--checkpoints", "1")).toEqual([8, undefined]);
  });

  it("is refused for metrics that it does not average", async () => {
    expect(await ergodic("evaluate", at("run"), "--metrics", "mse", "--checkpoints", "2")).toBe(2);
    expect(said).toMatch(/--checkpoints is for auroc, auprc/);
  });
});
