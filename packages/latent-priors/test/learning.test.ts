/** One learning step: its gradients, its latents, and equal results on every engine. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { mlpDecoder } from "@ergodic/generators";
import { adam, sgd, type Optimizer } from "@ergodic/nn";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { latentChains, latentPrior, learningStep, resolveOptions, type LatentPriorState } from "../src/index.js";
import { enginesOnThisMachine, relativeError, valuesOf } from "./support.js";

type Weights = readonly TensorTree[];
type State = LatentPriorState<Weights, Weights>;

const d = 3;
const batch = 4;

const smallModel = (optimizer: Optimizer) => ({
  generator: mlpDecoder({ latentDimension: d, widths: [8], outputShape: [3, 3, 1] }),
  energy: mlpEnergy({ in: d, widths: [6, 5], activation: "gelu" }),
  optimizers: { generator: optimizer, energy: optimizer },
  prior: { steps: 6, stepSize: 0.4 },
  posterior: { steps: 4, stepSize: 0.1 },
  observe: (images: tf.Tensor) => images,
});
const images = (key: Key): tf.Tensor => random.uniform(key, [batch, 3, 3, 1], { low: -1, high: 1 });
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);

describe.each(enginesOnThisMachine)("a learning step on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("follows the two gradients at the ends of both chains, all under the parameters before it", async () => {
    // Plain gradient descent at rate 1 moves parameters by exactly the gradients. None passes
    // through a chain.
    const options = resolveOptions(smallModel(sgd({ learningRate: 1 })));
    const { generator, energy } = options;
    const chains = latentChains(options);
    const expected = compile(({ params }: State, x: tf.Tensor, key: Key) => {
      const [posteriorKey, priorKey] = random.split(key, 2) as [Key, Key];
      const positive = chains.samplePosterior(params, x, posteriorKey);
      const negative = chains.samplePrior(params, batch, priorKey);
      const reconstruction = (g: Weights): tf.Tensor =>
        tf.neg(tf.mean(options.observation.logDensity(generator.apply(g, positive), x)));
      const contrast = (e: Weights): tf.Tensor =>
        tf.sub(tf.mean(energy!.energy(e, positive)), tf.mean(energy!.energy(e, negative)));
      const down = <P extends TensorTree>(loss: (p: P) => tf.Tensor, p: P): P =>
        tree.zip((w, g) => tf.sub(w, g), p as TensorTree, valueAndGrad(loss)(p).grad) as P;
      return { generator: down(reconstruction, params.generator), energy: down(contrast, params.energy!) };
    });
    const state = await latentPrior(smallModel(sgd({ learningRate: 1 }))).init(random.key(3), images(random.key(0)));
    const [x, key] = [images(random.key(1)), random.key(2)];
    const { state: next, metrics } = await compile(learningStep(options))(state, x, key);
    const wanted = await expected(state, x, key);
    expect(relativeError(numbers(next.params.generator), numbers(wanted.generator))).toBeLessThan(1e-6);
    expect(relativeError(numbers(next.params.energy!), numbers(wanted.energy))).toBeLessThan(1e-6);
    expect(Object.keys(metrics).sort()).toEqual([
      "energyGap",
      "energyNegative",
      "energyPositive",
      "latentMaxNegative",
      "latentMaxPositive",
      "latentStdNegative",
      "latentStdPositive",
      "reconstruction",
      "skipped",
    ]);
    const value = (name: string): number => valuesOf(metrics[name]!)[0]!;
    expect(value("energyGap")).toBeCloseTo(value("energyPositive") - value("energyNegative"), 6);
  });

  it("gives bit-identical states for identical seeds, and others for another seed", async () => {
    const model = latentPrior(smallModel(adam({ learningRate: 1e-2, beta1: 0.5 })));
    const run = async (seed: number): Promise<number[]> => {
      const [initKey, dataKey, noiseKey] = random.split(random.key(seed), 3);
      let state = await model.init(initKey!, images(dataKey!));
      for (let i = 0; i < 5; i++) {
        const next = await model.update(state, images(random.fold(dataKey!, i)), {
          key: random.fold(noiseKey!, i),
          iteration: i,
        });
        state = next.state;
      }
      return numbers(state);
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
  });

  it("keeps the number of tensors over 200 updates, and disposes nothing it was given", async () => {
    const model = latentPrior({
      ...smallModel(adam({ learningRate: 1e-3 })),
      prior: { steps: 2, stepSize: 0.4 },
      posterior: { steps: 2, stepSize: 0.1 },
    });
    const x = images(random.key(0));
    let state = await model.init(random.key(1), x);
    const counts = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const next = await model.update(state, x, { key: random.fold(random.key(2), i), iteration: i });
      tree.dispose(state); // Throws nothing: the step did not dispose the old state.
      state = next.state;
      counts.add(tf.memory().numTensors);
    }
    expect(counts.size).toBe(1);
    expect(x.isDisposed).toBe(false);
  });

  it("shares no tensor between the old state and the new one", async () => {
    const model = latentPrior({ ...smallModel(adam({ learningRate: 1e-3 })), energy: undefined });
    const x = images(random.key(0));
    const state = await model.init(random.key(1), x);
    const before = numbers(state);
    const next = await model.update(state, x, { key: random.key(2), iteration: 0 });
    expect(numbers(state)).toEqual(before);
    const old = new Set(tree.leaves<tf.Tensor>(state));
    expect(tree.leaves<tf.Tensor>(next.state).some((tensor) => old.has(tensor))).toBe(false);
  });
});

it("is the same function compiled and eager, to float32 accuracy", async () => {
  const runs: { metrics: number[]; params: number[]; moments: number[] }[] = [];
  for (const engine of enginesOnThisMachine) {
    await useEngine(engine);
    const options = resolveOptions(smallModel(sgd({ learningRate: 0.1, momentum: 0.9 })));
    const state = await latentPrior(smallModel(sgd({ learningRate: 0.1, momentum: 0.9 }))).init(
      random.key(3),
      images(random.key(0)),
    );
    const [x, key] = [images(random.key(1)), random.key(2)];
    // On the eager engine the plain function, without compile().
    const step = learningStep(options);
    const { state: next, metrics } = engine === "cpu" ? step(state, x, key) : await compile(step)(state, x, key);
    runs.push({ metrics: numbers(metrics), params: numbers(next.params), moments: numbers(next.optimizer) });
  }
  const [eager, compiled] = runs as [(typeof runs)[0], (typeof runs)[0]];
  for (const part of ["metrics", "params", "moments"] as const) {
    expect(relativeError(compiled[part], eager[part])).toBeLessThan(5e-6);
  }
});
