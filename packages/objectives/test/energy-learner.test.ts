/** The learner of energies: what comes with it, exact resume, and what it leaves alone. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { twoMoons } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { mlpEnergy, networkEnergy } from "@ergodic/energies";
import { activation, adam, dense, sequential, spectral } from "@ergodic/nn";
import { langevin, replayBuffer, type Energy } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { defineExperiment, resolveConfig } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  contrastiveDivergence,
  denoisingScoreMatching,
  energyDiscrepancy,
  energyLearner,
  persistentContrastive,
  shortRunContrastive,
} from "../src/index.js";

beforeAll(() => useEngine("onnx"));

const start = (key: Key, n: number) => random.uniform(key, [n, 2], { low: -4, high: 4 });
const kernel = (energy: Energy) => langevin({ energy, stepSize: 0.1 });
const model = mlpEnergy({ in: 2, widths: [16], activation: "swish" });
const points = ({ points: x }: { readonly points: tf.Tensor }) => x;
const optimizer = adam({ learningRate: 1e-3 });
const persistent = () => persistentContrastive({ kernel, steps: 3, buffer: replayBuffer({ size: 32, start }) });
const batch = () => ({ points: twoMoons().sample(random.key("batch"), 16) });

const experiment = defineExperiment({
  name: "moons",
  data: () => twoMoons().source({ size: 128 }),
  model: () => energyLearner({ model, objective: persistent(), optimizer, observe: points }),
  training: { iterations: 6, batchSize: 16, checkpointEvery: 2, logEvery: 1 },
});

it("resumes to the bytes of a run that was not stopped, persistent chains included", async () => {
  const root = await mkdtemp(join(tmpdir(), "ergodic-objectives-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const config = resolveConfig(experiment);
  const stop = new AbortController();
  await train({ experiment, config, folder: join(root, "whole") });
  const folder = join(root, "parts");
  await train({
    ...{ experiment, config, folder, signal: stop.signal },
    onProgress: ({ iteration }) => iteration === 3 && stop.abort(),
  });
  await train({ experiment, config, folder, resume: true });
  const last = (run: string) => readFile(join(root, run, "checkpoints", "6", "tensors.safetensors"), "hex");
  expect(await last("parts")).toBe(await last("whole"));
});

describe("samples", () => {
  it("of persistent chains start from different positions of the buffer, which stays as it is", async () => {
    const objective = persistentContrastive({
      kernel: (energy) => langevin({ energy, stepSize: 1e-6 }),
      steps: 1,
      buffer: replayBuffer({ size: 8, start }),
    });
    const learner = energyLearner({ model, objective, optimizer, observe: points });
    const state = await learner.init(random.key(0), batch());
    const before = [...state.objective.positions.dataSync()];
    const kept = state.objective.positions.arraySync() as number[][];
    const nearest = ([x, y]: readonly number[]): number => {
      const away = kept.map(([a, b]) => Math.hypot(x! - a!, y! - b!));
      const least = Math.min(...away);
      expect(least).toBeLessThan(1e-4);
      return away.indexOf(least);
    };
    const from = async (n: number): Promise<number[]> =>
      ((await learner.sample!(state, random.key(1), n)).arraySync() as number[][]).map(nearest);
    expect(new Set(await from(5)).size).toBe(5);
    // Twice from each of the 8, and four times once more.
    const uses = await from(20);
    const counts = kept.map((_, place) => uses.filter((used) => used === place).length);
    expect(counts.sort()).toEqual([2, 2, 2, 2, 3, 3, 3, 3]);
    expect([...state.objective.positions.dataSync()]).toEqual(before);
  });

  it("of short runs start from the law of learning, and any objective takes chains of one's own", async () => {
    const sampling = { kernel, steps: 4, fresh: start };
    for (const learner of [
      energyLearner({ model, objective: shortRunContrastive({ kernel, start, steps: 4 }), optimizer, observe: points }),
      energyLearner({ model, objective: energyDiscrepancy({ time: 1 }), optimizer, observe: points, sampling }),
    ]) {
      const state = await learner.init(random.key(0), batch());
      expect((await learner.sample!(state, random.key(1), 7)).shape).toEqual([7, 2]);
      expect(Object.keys(learner.chains!(state, batch()))).toEqual(["data"]);
      expect(Object.keys(learner.exports!(state, 3))).toEqual(["energy", "sampler-step"]);
    }
  });

  it("are not offered where there are no chains to draw them", () => {
    const learner = energyLearner({
      model,
      objective: denoisingScoreMatching({ sigma: 1 }),
      optimizer,
      observe: points,
    });
    expect(learner.sample).toBeUndefined();
    expect(learner.chains).toBeUndefined();
  });
});

it("moves fixed members between updates and trains the others, but for a constant that no contrast sees", async () => {
  const network = sequential<readonly TensorTree[]>(
    spectral(dense({ in: 2, out: 8 }), { form: "standard" }),
    activation("swish"),
    dense({ in: 8, out: 1 }),
  );
  const objective = contrastiveDivergence({ kernel, steps: 2 });
  const learner = energyLearner({ model: networkEnergy(network), objective, optimizer, observe: points });
  const state = await learner.init(random.key(0), batch());
  const next = await learner.update(state, batch(), { key: random.key(1), iteration: 0 });
  const numbers = (params: TensorTree) => tree.leaves(params).map((leaf) => leaf.dataSync().join());
  const before = numbers(state.params as TensorTree);
  const after = numbers(next.state.params as TensorTree);
  const paths = tree.paths(state.params as TensorTree);
  expect(paths.filter((_, i) => after[i] === before[i])).toEqual(["2.bias"]);
});

it.each([
  ["steps", () => contrastiveDivergence({ kernel, steps: 0 })],
  ["penalty", () => contrastiveDivergence({ kernel, steps: 1, penalty: -1 })],
  ["dataNoise", () => shortRunContrastive({ kernel, start, steps: 1, dataNoise: -0.1 })],
  ["sigma", () => denoisingScoreMatching({ sigma: 0 })],
])("refuses a wrong %s", (name, make) => {
  expect(make).toThrow(name);
});
