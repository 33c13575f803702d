/**
 * The learner with latents of several layers and tree observations offers everything that it offers
 * for vectors.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { compile, exportOnnx, useEngine } from "@ergodic/engine";
import { mlpEnergy, networkEnergy, partwiseEnergy } from "@ergodic/energies";
import { categorical, gaussian, mlpDecoder, standardNormal, type TokenSequence } from "@ergodic/generators";
import { adam, dense, flatten, reshape, sequential, type Layer } from "@ergodic/nn";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { defineExperiment, readSamples, resolveConfig, type ModelFunction } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import { latentPrior } from "../src/index.js";
import { enginesOnThisMachine, largestDifference, valuesOf } from "./support.js";

type Layers = { readonly top: tf.Tensor; readonly bottom: tf.Tensor };
type Params = readonly TensorTree[];

const optimizer = adam({ learningRate: 1e-2 });
const short = {
  prior: { steps: 2, stepSize: 0.4 },
  posterior: { steps: 2, stepSize: 0.1 },
  optimizers: { generator: optimizer, energy: optimizer },
};

/** A vector on top of small maps, which enter one network side by side. */
const latents = standardNormal({ top: [3], bottom: [2, 2, 1] });
const flat = ({ top, bottom }: Layers): tf.Tensor => tf.concat([top, flatten().apply([], bottom)], 1);
const ofBoth = (network: Layer<Params>): Layer<Params, Layers> => ({
  init: (key) => network.init(key),
  apply: (params, z, learning) => network.apply(params, flat(z), learning),
});
const energy = partwiseEnergy({
  top: mlpEnergy({ in: 3, widths: [5], activation: "gelu" }),
  bottom: networkEnergy(sequential(flatten(), dense({ in: 4, out: 1 }))),
});
const images = latentPrior({
  ...short,
  latents,
  generator: ofBoth(mlpDecoder({ latentDimension: 7, widths: [6], outputShape: [2, 3, 1] })),
  energy,
  observe: (batch: { readonly images: tf.Tensor }) => batch.images,
});
const batchOf = (seed: string, n: number) => ({
  images: random.uniform(random.key(seed), [n, 2, 3, 1], { low: -1, high: 1 }),
});

/** Sequences of five symbols from an alphabet of four, from the same latents. */
const sequences = latentPrior({
  ...short,
  latents,
  generator: ofBoth(sequential<Params>(dense({ in: 7, out: 20 }), reshape([5, 4]))),
  energy,
  observation: categorical(),
  observe: (tokens: tf.Tensor) => ({ tokens, weight: tf.ones(tokens.shape) }),
});
const tokensOf = (seed: string, n: number): tf.Tensor => random.integers(random.key(seed), [n, 5], { high: 4 });

const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);

describe.each(enginesOnThisMachine)("latents of several layers on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("are learned, sampled, inferred, scored and diagnosed like vectors, and leak no tensor", async () => {
    let state = await images.init(random.key(0), batchOf("x", 1));
    const before = numbers(state.params);
    for (let i = 0; i < 3; i++) {
      const { state: next, metrics } = await images.update(state, batchOf(`batch ${i}`, 4), {
        key: random.fold(random.key(1), i),
        iteration: i,
      });
      tree.dispose(state);
      state = next;
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      expect(metrics).toHaveProperty(["latentStdNegative.bottom"]);
    }
    expect(numbers(state.params)).not.toEqual(before);
    const [batch, key] = [batchOf("x", 4), random.key(2)];
    const use = async (): Promise<void> => {
      const { original, reconstruction } = await images.reconstruct(state, batch, key);
      const latentsOfBatch = await images.infer(state, batch.images, key);
      const drawn = await images.sampleLatents(state, key, 503);
      const made = [
        await images.sample(state, key, 6),
        await images.sampleReference(state, key, 6),
        await images.score!(state, batch, key),
      ];
      expect(made.map(({ shape }) => shape)).toEqual([[6, 2, 3, 1], [6, 2, 3, 1], [4]]);
      expect([drawn.top.shape, drawn.bottom.shape]).toEqual([
        [503, 3],
        [503, 2, 2, 1],
      ]);
      expect(latentsOfBatch.bottom.shape).toEqual([4, 2, 2, 1]);
      expect([original.shape, reconstruction.shape]).toEqual([batch.images.shape, batch.images.shape]);
      const inNoise = await images.latents.infer(state, batch, key);
      const [decoded, fromModel] = [
        (await images.latents.decode(state, inNoise)) as tf.Tensor,
        await images.latents.sample(state, key, 6),
      ];
      expect(numbers(decoded)).toEqual(numbers(reconstruction));
      const redrawn = (await images.latents.redraw(state, fromModel, ["top"], key)) as Layers;
      expect(valuesOf(redrawn.bottom)).toEqual(valuesOf((fromModel as Layers).bottom));
      expect(valuesOf(redrawn.top)).not.toEqual(valuesOf((fromModel as Layers).top));
      const again = (await images.latents.decode(state, fromModel)) as tf.Tensor;
      expect(largestDifference(valuesOf(again), valuesOf(made[0]!))).toBeLessThan(1e-6);
      await expect(images.latents.redraw(state, fromModel, ["middle"], key)).rejects.toThrow(
        /"middle", expected some of bottom, top/,
      );
      tree.dispose([inNoise, decoded, fromModel, redrawn, again] as TensorTree);
      const curves = await images.diagnose(state, key);
      expect(Object.values(curves).map(({ length }) => length)).toEqual([4, 4]);
      tree.dispose([made, original, reconstruction, latentsOfBatch, drawn] as TensorTree);
    };
    await use();
    const count = tf.memory().numTensors;
    await use();
    expect(tf.memory().numTensors).toBe(count);
  });

  it("have chains for diagnosis and functions for export, over trees", async () => {
    const state = await images.init(random.key(0), batchOf("x", 1));
    const chains = images.chains(state, batchOf("x", 2));
    expect(Object.keys(chains)).toEqual(["prior", "posterior 0", "posterior 1"]);
    const chain = chains["posterior 1"]!;
    const [near, far] = [chain.start(random.key(3), 5), chain.scattered(random.key(3), 5)] as Layers[];
    expect(valuesOf(far!.bottom)).toEqual(valuesOf(tf.mul(2, near!.bottom)));
    const step = compile((z: Layers, key: Key) => {
      const [next] = chain.kernel.step(chain.kernel.init(z), key);
      return { position: next.position, energy: chain.energy(z), shown: chain.observe!(z) as tf.Tensor };
    });
    const stepped = await step(near!, random.key(4));
    expect(tree.paths(stepped.position)).toEqual(["bottom", "top"]);
    expect([stepped.energy.shape, stepped.shown.shape]).toEqual([[5], [5, 2, 3, 1]]);

    const exported = images.exports(state, 2);
    const [z] = exported.energy.example as [Layers];
    expect([z.top.shape, z.bottom.shape]).toEqual([
      [2, 3],
      [2, 2, 2, 1],
    ]);
    const file = ({ fn, example, names }: ModelFunction): string =>
      Buffer.from(exportOnnx(fn, example as never[], { names })).toString("latin1");
    expect(file(exported.energy)).toMatch(/z\.bottom[^]*z\.top/);
    expect(file(exported.generator)).toMatch(/z\.bottom[^]*z\.top/);
    expect(file(exported["sampler-step"])).toMatch(/output\.bottom[^]*output\.top/);
  });

  it("explain observations that are trees, each by a latent of its own", async () => {
    let state = await sequences.init(random.key(0), tokensOf("x", 1));
    ({ state } = await sequences.update(state, tokensOf("batch", 6), { key: random.key(1), iteration: 0 }));
    const key = random.key(2);
    const { original, reconstruction } = await sequences.reconstruct(state, tokensOf("x", 4), key);
    expect(valuesOf(original.tokens)).toEqual(valuesOf(tokensOf("x", 4)));
    expect([reconstruction.tokens.shape, reconstruction.weight.shape]).toEqual([
      [4, 5],
      [4, 5],
    ]);
    const sampled = await sequences.sample(state, key, 6);
    expect([sampled.tokens.shape, sampled.tokens.dtype]).toEqual([[6, 5], "int32"]);
    const texts = sampled.tokens.arraySync() as number[][];
    expect(await readSamples(sampled, sequences.show)).toEqual({
      kind: "text",
      texts: texts.map((row) => row.join(" ")),
    });
    expect((await sequences.score(state, tokensOf("x", 4), key)).shape).toEqual([4]);
    // A latent moves with its own observation alone.
    const tokens = tokensOf("x", 3);
    const changed = tf.concat([tf.slice(tokens, 0, 2), tf.sub(3, tf.slice(tokens, 2, 1))]);
    const infer = (x: tf.Tensor) => sequences.infer(state, { tokens: x, weight: tf.ones(x.shape) }, key);
    const [z, other] = [await infer(tokens), await infer(changed)];
    const difference = valuesOf(tf.max(tf.abs(tf.sub(z.top, other.top)), 1));
    expect(Math.max(...difference.slice(0, 2))).toBeLessThan(1e-6);
    expect(difference[2]).toBeGreaterThan(1e-4);
    const chain = sequences.chains(state, tokens)["posterior 0"]!;
    const observed = chain.observe!(latents.start(key, 2)) as TokenSequence;
    expect(observed.tokens.shape).toEqual([2, 5]);
    expect((await compile((at: Layers) => chain.energy(at))(latents.start(key, 2))).shape).toEqual([2]);
  });

  it("have the bits of vectors where there is one layer", async () => {
    const common = { ...short, observation: gaussian({ sigma: 0.5 }), observe: (x: tf.Tensor) => x };
    const [decoder, tilt] = [
      mlpDecoder({ latentDimension: 3, widths: [5], outputShape: [4] }),
      mlpEnergy({ in: 3, widths: [4] }),
    ];
    const vector = latentPrior({ ...common, generator: decoder, energy: tilt });
    const layer = latentPrior({
      ...common,
      latents: standardNormal({ only: [3] }),
      generator: {
        init: (key: Key) => decoder.init(key),
        apply: (params: Params, { only }: { readonly only: tf.Tensor }) => decoder.apply(params, only),
      },
      // A part's key would be folded, so the tilt is wrapped by hand.
      energy: {
        init: (key: Key) => tilt.init(key),
        energy: (params: Params, { only }: { readonly only: tf.Tensor }) => tilt.energy(params, only),
      },
    });
    const x = random.normal(random.key("x"), [6, 4]);
    let [a, b] = [await vector.init(random.key(0), x), await layer.init(random.key(0), x)];
    for (let i = 0; i < 3; i++) {
      const context = { key: random.fold(random.key(1), i), iteration: i };
      [a, b] = [(await vector.update(a, x, context)).state, (await layer.update(b, x, context)).state];
    }
    expect(numbers(b)).toEqual(numbers(a));
    const key = random.key(2);
    expect(numbers(await layer.sampleLatents(b, key, 7))).toEqual(numbers(await vector.sampleLatents(a, key, 7)));
    expect(numbers(await layer.infer(b, x, key))).toEqual(numbers(await vector.infer(a, x, key)));
    expect(numbers(await layer.score(b, x, key))).toEqual(numbers(await vector.score(a, x, key)));
    expect(numbers(await layer.sample(b, key, 7))).toEqual(numbers(await vector.sample(a, key, 7)));
    expect(await layer.diagnose(b, key)).toEqual(await vector.diagnose(a, key));
  });
});

describe("a run with latents of several layers", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  const experiment = defineExperiment({
    name: "layers",
    data: {
      load: () =>
        Promise.resolve({
          description: "noise",
          size: 32,
          batches: () => ({ perEpoch: 4, at: (i: number) => batchOf(`batch ${i}`, 8) }),
        }),
    },
    model: images,
    training: { iterations: 5, batchSize: 8, sampleEvery: 100, checkpointEvery: 100, sampleCount: 4 },
  });

  /** The last checkpoint of a run that is stopped after these iterations and resumed. */
  async function checkpoint(stops: readonly number[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "ergodic-latent-layers-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const config = resolveConfig(experiment);
    for (const stop of [...stops, 5]) {
      const control = new AbortController();
      const onProgress = ({ iteration }: { iteration: number }): void => {
        if (iteration === stop) control.abort();
      };
      const resume = stop !== (stops[0] ?? 5);
      await train({ experiment, config, folder, resume, signal: control.signal, onProgress });
    }
    return (await readFile(join(folder, "checkpoints", "5", "tensors.safetensors"))).toString("hex");
  }

  it("resumes to the bytes of one that was not stopped", async () => {
    expect(await checkpoint([2])).toBe(await checkpoint([]));
  });
});

it("refuses observations whose parts disagree in the number of examples", async () => {
  await useEngine("cpu");
  const state = await sequences.init(random.key(0), tokensOf("x", 1));
  const uneven = { tokens: tokensOf("x", 3), weight: tf.ones([2, 5]) };
  await expect(sequences.infer(state, uneven, random.key(1))).rejects.toThrow(
    /the observation has shapes \[3,5\], \[2,5\]/,
  );
});
