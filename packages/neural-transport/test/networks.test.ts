/**
 * A network with batch normalisation, spectral normalisation and dropout as the tilt.
 *
 * Losses use it in training mode; chains, samples and scores use it in evaluation mode. Fixed
 * members change once per update.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { networkEnergy } from "@ergodic/energies";
import { networkGenerator } from "@ergodic/generators";
import { batchNorm, dense, dropoutLayer, leakyRelu, sequential, sgd, spectral } from "@ergodic/nn";
import { random, trainedPart, tree, withTrained, type TensorTree } from "@ergodic/tensor";
import { generatorBackbone, tiltLearner } from "../src/index.js";
import { during } from "./support.js";

const energy = networkEnergy(
  sequential(
    spectral(dense({ in: 3, out: 5 }), { form: "standard" }),
    batchNorm({ channels: 5 }),
    leakyRelu(),
    dropoutLayer({ rate: 0.3 }),
    dense({ in: 5, out: 1 }),
  ),
);
// The backbone is fixed and always in evaluation mode. In training mode dropout would make it
// noisy.
const generator = networkGenerator({
  latentDimension: 2,
  outputShape: [3],
  network: sequential(dense({ in: 2, out: 3 }), batchNorm({ channels: 3 }), dropoutLayer({ rate: 0.5 })),
});
const learnerWith = (negatives: "chains" | "weights") =>
  tiltLearner({
    backbone: generatorBackbone(generator),
    pretrained: (key) => generator.init(key),
    energy,
    optimizer: sgd({ learningRate: 0.1 }),
    observe: ({ x }: { readonly x: tf.Tensor }) => x,
    chains: { count: 12 },
    negatives,
    samplingTransitions: 2,
  });
const dataOf = (seed: string, n: number) => ({ x: random.normal(random.key(seed), [n, 3], { mean: 1 }) });
const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);
const leafAt = (params: TensorTree, path: string): tf.Tensor => tree.leaves(params)[tree.paths(params).indexOf(path)]!;

describe.each(["cpu", "onnx"] as const)("a tilt that learns otherwise than it is evaluated on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([
    ["contrastive", "chains"],
    ["likelihood", "chains"],
    ["likelihood", "weights"],
  ] as const)("has batch statistics in the loss and moves its fixed members, %s by %s", async (phase, negatives) => {
    const learner = learnerWith(negatives);
    const first = await learner.init(random.key(0), dataOf("x", 1));
    const { state } = await learner.update(first, dataOf("first", 16), during(phase, random.key(1)));
    const data = dataOf("second", 16);
    const { state: next } = await learner.update(state, data, during(phase, random.key(2), 1));
    const [before, after] = [state.params.energy, next.params.energy];
    const expected = energy.refresh!(withTrained<typeof before>(before, trainedPart(after)), data.x);
    const fixed = tree.paths(after).filter((path) => path.includes("$fixed"));
    expect(fixed).toHaveLength(3);
    for (const path of fixed) {
      const [old, moved, wanted] = [before, after, expected].map((params) => valuesOf(leafAt(params, path)));
      expect(moved).not.toEqual(old);
      moved!.forEach((value, i) => expect(Math.abs(value - wanted![i]!)).toBeLessThan(1e-5));
    }
    // Batch statistics cancel a bias before them, so it has no gradient.
    const [still, moving] = ["0.bias", "0.weight"].map((path) =>
      Math.max(...valuesOf(tf.abs(tf.sub(leafAt(after, path), leafAt(before, path))))),
    );
    expect(still).toBeLessThan(1e-6);
    expect(moving).toBeGreaterThan(1e-4);
    expect(numbers(next.params.backbone)).toEqual(numbers(state.params.backbone));
    await learner.dispose!();
  });

  it("is evaluated in chains and samples: the same for the same key, each row by itself, and nothing moves", async () => {
    const learner = learnerWith("chains");
    const first = await learner.init(random.key(0), dataOf("x", 1));
    const { state } = await learner.update(first, dataOf("first", 16), during("likelihood", random.key(1)));
    const before = numbers(state);
    const key = random.key("samples");
    const samples = numbers(await learner.sample(state, key, 5));
    expect(numbers(await learner.sample(state, key, 5))).toEqual(samples);
    const chain = learner.chains(state, dataOf("x", 2))["latent"]!;
    const z = random.normal(random.key("z"), [4, 2]);
    const [all, alone] = [valuesOf(chain.energy(z)), valuesOf(chain.energy(tf.slice(z, 0, 1)))];
    expect(Math.abs(alone[0]! - all[0]!)).toBeLessThan(1e-5);
    expect(valuesOf(chain.energy(z))).toEqual(all);
    expect(numbers(state)).toEqual(before);
    await learner.dispose!();
  });
});
