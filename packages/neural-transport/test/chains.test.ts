/**
 * Properties of chains for any energy: exact gradients, cost, infinite energies, and exact resume.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { grad, printGraph, record, useEngine } from "@ergodic/engine";
import { mlpEnergy, type EnergyModel } from "@ergodic/energies";
import { chain, flow, glow, realNvp, type Bijector, type Flow } from "@ergodic/flows";
import { adam } from "@ergodic/nn";
import { hmc, identityMass } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { defineExperiment, resolveConfig } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { neuralTransport, tilted } from "../src/index.js";
import { during } from "./support.js";

beforeAll(() => useEngine("onnx"));

type Batch = { readonly x: tf.Tensor };
const observe = (batch: Batch): tf.Tensor => batch.x;
const rate = { flow: adam({ learningRate: 1e-3 }), energy: adam({ learningRate: 1e-3 }) };
const numbers = (params: TensorTree): number[][] =>
  tree.leaves(params).map((leaf) => [...(leaf as tf.Tensor).dataSync()]);

/** Parameters away from their start, where couplings are the identity. */
const shaken = <P extends TensorTree>(params: P, key: Key): P => {
  let i = 0;
  return tree.map((leaf) => tf.add(leaf, random.normal(random.fold(key, i++), leaf.shape, { sd: 0.2 })), params) as P;
};

describe("the gradient of U", () => {
  it("is that of central differences", async () => {
    const backbone = realNvp({ features: 2, couplings: 4, widths: [16] });
    const model = tilted(backbone, mlpEnergy({ in: 2, widths: [16], activation: "swish" }));
    const params = {
      backbone: shaken(backbone.init(random.key(1)), random.key(2)),
      energy: shaken(model.energy.init(random.key(3)), random.key(4)),
    };
    const energy = model.latentEnergy(params);
    const z = random.normal(random.key(5), [32, 2]);
    const slope = grad((at: tf.Tensor) => tf.sum(energy(at)) as tf.Scalar)(z);
    // Differences over 0.02 have errors of 1e-4 U''', and of 1e-5 |U| from float32.
    const h = 0.01;
    const directions = [
      [1, 0],
      [0, 1],
    ];
    const differences = directions.map((direction) =>
      tf.div(tf.sub(energy(tf.add(z, tf.mul(h, direction))), energy(tf.sub(z, tf.mul(h, direction)))), 2 * h),
    );
    const expected = tf.stack(differences, 1);
    const error = tf.max(tf.abs(tf.sub(slope, expected))).dataSync()[0]!;
    expect(error).toBeLessThan(5e-3 * Math.max(1, tf.max(tf.abs(expected)).dataSync()[0]!));
  });
});

describe("a transition in noise", () => {
  /**
   * The bijector with log-determinants that are recognisable in a graph: nothing else here uses
   * erf.
   */
  const marked = (bijector: Bijector): Bijector => {
    const mark =
      (there: Bijector["forward"]): Bijector["forward"] =>
      (params, x) => {
        const { value, logDet } = there(params, x);
        return { value, logDet: tf.erf(logDet) };
      };
    return { init: bijector.init, forward: mark(bijector.forward), inverse: mark(bijector.inverse) };
  };
  /** A flow as the bijector from examples to noise. */
  const bijectorOf = (inner: Flow): Bijector => ({
    init: (key) => inner.init(key),
    forward: (params, x) => ({
      value: inner.encode(params, x),
      logDet: tf.neg(inner.logVolume(params, inner.encode(params, x))) as tf.Tensor1D,
    }),
    inverse: (params, z) => ({ value: inner.decode(params, z), logDet: inner.logVolume(params, z) }),
  });
  const options = { engine: "onnx", supports: () => true, alternatives: [] };

  it.each([
    ["RealNVP", realNvp({ features: 2, couplings: 2, widths: [8] })],
    ["Glow", glow({ shape: [4, 4, 1], levels: 2, steps: 1, width: 4 })],
  ] as const)("of %s evaluates no log-determinant, neither in the flow nor in its gradient", (_, inner) => {
    const backbone = flow(chain(marked(bijectorOf(inner))), inner.shape);
    const model = tilted(backbone, {
      init: () => [],
      energy: (__, x) => tf.sum(tf.sin(tf.reshape(x, [x.shape[0]!, -1])), 1),
    } satisfies EnergyModel<readonly never[]>);
    const params = { backbone: backbone.init(random.key(1)), energy: [] as readonly never[] };
    const z = random.normal(random.key(2), [3, model.backbone.dimension]);
    const transition = (at: tf.Tensor, key: Key) => {
      const kernel = hmc({ energy: model.latentEnergy(params), steps: 2, stepSize: 0.1, mass: identityMass() });
      return kernel.step(kernel.init(at), key)[0].position;
    };
    const density = (at: tf.Tensor) =>
      model.backbone.logDensity!(params.backbone, model.backbone.decode(params.backbone, at));
    expect(printGraph(record(transition, [z, random.key(3)], options).graph)).not.toMatch(/erf/i);
    expect(printGraph(record(density, [z], options).graph)).toMatch(/erf/i);
  });
});

describe("what is not finite", () => {
  /** Infinite beyond x₀ = 3. */
  const broken: EnergyModel<{ readonly weight: tf.Tensor }> = {
    init: () => ({ weight: tf.tensor1d([0.1, 0.1]) }),
    energy({ weight }, x) {
      const first = tf.squeeze(tf.slice(x, [0, 0], [x.shape[0]!, 1]), [1]);
      return tf.add(tf.sum(tf.mul(x, weight), 1), tf.log(tf.relu(tf.sub(3, first)))) as tf.Tensor1D;
    },
  };
  const learner = () =>
    neuralTransport({
      flow: realNvp({ features: 2, couplings: 2, widths: [8] }),
      energy: broken,
      optimizers: rate,
      observe,
      chains: { count: 32, reinitialise: 0, stepSize: 0.05 },
    });

  it("is drawn anew where a chain starts, and counted", async () => {
    const { init, update, model } = learner();
    const batch = { x: random.normal(random.key(1), [32, 2], { sd: 0.5 }) };
    const state = await init(random.key(2), batch);
    // Five chains are at positions with infinite energy.
    const positions = tf.concat([tf.fill([5, 2], 50), tf.slice(state.tilt.chains.positions, [5, 0], [27, 2])], 0);
    const before = model.latentEnergy(state.params)(positions);
    expect(tf.sum(tf.cast(tf.isFinite(before), "int32")).dataSync()[0]).toBe(27);
    const { state: next } = await update(
      { ...state, tilt: { ...state.tilt, chains: { ...state.tilt.chains, positions } } },
      batch,
      during("likelihood", random.key(3)),
    );
    expect(next.tilt.redrawn.dataSync()[0]).toBe(5);
    expect(next.tilt.optimizer.skipped.dataSync()[0]).toBe(0);
    expect(model.latentEnergy(next.params)(next.tilt.chains.positions).dataSync().every(Number.isFinite)).toBe(true);
  });

  it("leaves parameters and moments as they were when it is a gradient, and is counted", async () => {
    const { init, update } = learner();
    const batch = { x: random.normal(random.key(1), [32, 2], { sd: 0.5 }) };
    const { state } = await update(await init(random.key(2), batch), batch, during("likelihood", random.key(3)));
    const { state: next, metrics } = await update(
      state,
      { x: tf.fill([32, 2], NaN) },
      during("likelihood", random.key(4)),
    );
    expect(metrics["skipped"]).toBe(1);
    expect(numbers(next.params.energy)).toEqual(numbers(state.params.energy));
    expect(numbers(next.tilt.optimizer.inner)).toEqual(numbers(state.tilt.optimizer.inner));
    expect(next.tilt.chains.positions.dataSync().every(Number.isFinite)).toBe(true);
  });
});

describe("a run that stops and goes on", () => {
  const experiment = defineExperiment({
    name: "tilted",
    data: {
      load: () =>
        Promise.resolve({
          description: "normal pairs",
          size: 64,
          batches: ({ key }: { key: Key }) => ({
            perEpoch: 4,
            at: (i: number): Batch => ({ x: random.normal(random.fold(key, i), [16, 2]) }),
          }),
        }),
    },
    model: neuralTransport({
      flow: realNvp({ features: 2, couplings: 2, widths: [8] }),
      energy: mlpEnergy({ in: 2, widths: [8] }),
      optimizers: rate,
      observe,
      chains: { count: 8, jumps: true },
      samplingTransitions: 2,
    }),
    training: {
      phases: { flow: 3, contrastive: 3, likelihood: 4 },
      batchSize: 16,
      sampleEvery: 100,
      checkpointEvery: 100,
      sampleCount: 4,
    },
  });

  /** The last checkpoint of a run that stops after each of these iterations and resumes. */
  async function checkpoint(stops: readonly number[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "ergodic-neural-transport-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const config = resolveConfig(experiment);
    for (const stop of [...stops, 10]) {
      const control = new AbortController();
      const onProgress = ({ iteration }: { iteration: number }): void => {
        if (iteration === stop) control.abort();
      };
      await train({
        experiment,
        config,
        folder,
        resume: stop !== (stops[0] ?? 10),
        signal: control.signal,
        onProgress,
      });
    }
    return (await readFile(join(folder, "checkpoints", "10", "tensors.safetensors"))).toString("hex");
  }

  it("has the bytes of one that did not: flow, tilt, chains, step size, counters", async () => {
    // The stops are in every phase: flow, contrastive start, and between transitions of chains.
    expect(await checkpoint([2, 5, 8])).toBe(await checkpoint([]));
  });
});
