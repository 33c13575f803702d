/**
 * Conditional energies: the condition of each example, and the network compared with its formula in
 * float64.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import {
  conditionalMlpEnergy,
  convEnergy,
  given,
  mlpEnergy,
  networkEnergy,
  pairEnergy,
  type ConditionalEnergy,
  type ConditionalMlpParams,
} from "@ergodic/energies";
import { batchNorm, dense, embedding, initializers, sequential, sinusoidal } from "@ergodic/nn";
import { nuts, hmc, runSteps, sample } from "@ergodic/samplers";
import { parallelTempering } from "@ergodic/samplers/tempering";
import { random, tree, ValidationError } from "@ergodic/tensor";

const enginesOnThisMachine = ["cpu", "onnx"] as const;
const key = random.key("conditional");
const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** (x - m)²/2 for a tree of a mean `[batch, 2]` and an offset `[batch]`. */
type Context = { readonly mean: tf.Tensor; readonly offset: readonly [tf.Tensor] };
const around: ConditionalEnergy<readonly never[], tf.Tensor, Context> = {
  init: () => [],
  energy: (_, x, { mean, offset: [offset] }) =>
    tf.add(tf.mul(0.5, tf.sum(tf.square(tf.sub(x, mean)), [1])), offset) as tf.Tensor1D,
};

describe.each(enginesOnThisMachine)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("a condition is one for each example, or one for all", () => {
    const x = tf.tensor2d([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    const energyAt = (mean: tf.Tensor, offset: tf.Tensor): number[] =>
      valuesOf(given(around, { mean, offset: [offset] }).energy([], x));
    const means = tf.tensor2d([
      [0, 1],
      [1, 1],
      [0, 0],
    ]);
    expect(energyAt(means, tf.tensor1d([0, 10, 20]))).toEqual([0.5, 10, 24]);
    expect(energyAt(tf.tensor2d([[1, 1]]), tf.scalar(3))).toEqual([4, 3, 4]);
    expect(energyAt(means, tf.tensor1d([3]))).toEqual([3.5, 3, 7]);
  });

  it("rows that are some of the examples, or several of each, have the conditions of their examples", () => {
    const energy = given(around, { mean: tf.tensor2d([[0, 0], [5, 5]]), offset: [tf.tensor1d([1, 2])] }); // prettier-ignore
    const x = tf.tensor2d([[5, 5], [0, 0], [5, 5]]); // prettier-ignore
    expect(valuesOf(energy.energyOfRows([], x, tf.tensor1d([1, 0, 0], "int32")))).toEqual([2, 1, 26]);
    // A condition shared by all examples needs no rows.
    const shared = given(around, { mean: tf.zeros([1, 2]), offset: [tf.scalar(1)] });
    expect(valuesOf(shared.energyOfRows([], x, tf.tensor1d([1, 0, 0], "int32")))).toEqual([26, 1, 26]);
  });

  it("pairEnergy is the energy of x and the condition side by side", () => {
    const model = pairEnergy(mlpEnergy({ in: 5, widths: [4] }));
    const params = model.init(key);
    const x = random.normal(random.fold(key, 0), [3, 2]);
    const condition = random.normal(random.fold(key, 1), [3, 3]);
    const whole = mlpEnergy({ in: 5, widths: [4] }).energy(params, tf.concat([x, condition], 1));
    expect(valuesOf(given(model, condition).energy(params, x))).toEqual(valuesOf(whole));
    const images = pairEnergy(convEnergy({ imageShape: [4, 4, 3], widths: [2] }));
    const image = (channels: number) => random.normal(random.fold(key, channels), [2, 4, 4, channels]);
    const drawn = images.init(key);
    expect(images.energy(drawn, image(1), image(2)).shape).toEqual([2]);
    expect(() => images.energy(drawn, image(2), image(2))).toThrow(/input of convEnergy has shape \[2,4,4,4\]/);
  });

  it("pairEnergy moves the fixed members of its model", () => {
    const network = sequential(batchNorm({ channels: 3 }), dense({ in: 3, out: 1 }));
    const model = pairEnergy(networkEnergy(network));
    const [x, condition] = [random.normal(key, [8, 1]), random.normal(key, [8, 2])];
    const begun = model.init(key);
    const moved = model.refresh!(begun, x, condition);
    const expected = network.refresh!(begun, tf.concat([x, condition], 1));
    expect(tree.leaves(moved).map(valuesOf)).toEqual(tree.leaves(expected).map(valuesOf));
    expect(tree.leaves(moved).map(valuesOf)).not.toEqual(tree.leaves(begun).map(valuesOf));
    expect(pairEnergy(mlpEnergy({ in: 2 })).refresh).toBeUndefined();
  });

  it("conditionalMlpEnergy is its formula, and so is its gradient", async () => {
    const some = { weight: initializers.normal(0.3), bias: initializers.normal(0.3) };
    const model = conditionalMlpEnergy({ in: 3, widths: [5, 4], features: 6, activation: "tanh" });
    const fresh = model.init(key);
    // Scales and shifts begin at 0. The test gives them other values.
    const modulations = [5, 4].map((out, i) => dense({ in: 6, out: 2 * out, init: some }).init(random.key(i)));
    const params: ConditionalMlpParams = { ...fresh, modulations };
    const x = random.normal(random.key("x"), [4, 3]);
    const levels = tf.tensor1d([0, 1, 5, 2.5]);
    const hosted = hostEnergy(params, [5, 4]);
    const rows = (tensor: tf.Tensor): number[][] => tensor.arraySync() as number[][];
    const features = rows(sinusoidal({ width: 6 }).apply([], levels));
    const gradientAt = compile((p: ConditionalMlpParams, at: tf.Tensor, level: tf.Tensor) =>
      valueAndGrad(
        (u: tf.Tensor) => {
          const energies = given(model, level).energy(p, u);
          return [tf.sum(energies), energies] as const;
        },
        { hasAux: true },
      )(at),
    );
    const { grad, aux } = await gradientAt(params, x, levels);
    rows(x).forEach((row, n) => {
      const value = hosted(row, features[n]!);
      expect(valuesOf(aux)[n]).toBeCloseTo(value, 4);
      row.forEach((_, i) => {
        const moved = (by: number): number => hosted(row.map((v, j) => (j === i ? v + by : v)), features[n]!); // prettier-ignore
        expect(rows(grad)[n]![i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 4);
      });
    });
    // A single number is the level of all examples.
    const alike = valuesOf(given(model, 5).energy(params, x));
    expect(valuesOf(given(model, tf.fill([4], 5)).energy(params, x))).toEqual(alike);
    expect(alike[2]).toBeCloseTo(valuesOf(aux)[2]!, 5);
    // A fresh network does not depend on its condition.
    expect(valuesOf(given(model, 0).energy(fresh, x))).toEqual(valuesOf(given(model, 7).energy(fresh, x)));
  });

  it("takes symbols through an embedding", () => {
    const model = conditionalMlpEnergy({ in: 2, widths: [3], features: 4, embed: embedding({ count: 5, out: 4 }) });
    const params = model.init(key);
    const symbols = tf.tensor1d([4, 0], "int32");
    expect(given(model, symbols).energy(params, tf.ones([2, 2])).shape).toEqual([2]);
  });
});

/** E in float64, for one x and its features before the affine layer of the embedding. */
function hostEnergy({ embed, affines, modulations, head }: ConditionalMlpParams, widths: readonly number[]) {
  type Affine = { readonly weight: tf.Tensor; readonly bias: tf.Tensor };
  const apply = ({ weight, bias }: Affine) => {
    const [w, b] = [weight.arraySync() as number[][], valuesOf(bias)];
    return (x: readonly number[]): number[] => b.map((value, o) => x.reduce((sum, v, i) => sum + v * w[i]![o]!, value));
  };
  const first = apply((embed as readonly Affine[])[1]!);
  return (x: readonly number[], features: readonly number[]): number => {
    const embedded = first(features).map(Math.tanh);
    const hidden = widths.reduce<readonly number[]>((h, width, l) => {
      const both = apply(modulations[l]!)(embedded);
      return apply(affines[l]!)(h).map((v, i) => Math.tanh((1 + both[i]!) * v + both[width + i]!));
    }, x);
    return apply(head)(hidden)[0]!;
  };
}

describe("in chains", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("each chain samples its own condition, also in kernels whose rows are not the chains in order", async () => {
    const mean = tf.tensor2d(Array.from({ length: 6 }, (_, c) => [10 * c, -10 * c]));
    const energy = given(around, { mean, offset: [tf.zeros([6])] });
    const ofChains = (x: tf.Tensor): tf.Tensor => energy.energy([], x);
    const ofRows = (x: tf.Tensor, chains: tf.Tensor1D): tf.Tensor => energy.energyOfRows([], x, chains);
    const local = runSteps(hmc({ energy: ofChains, steps: 3, stepSize: 0.4 }), mean, { steps: 5, key });
    const trees = await sample(nuts({ energy: ofRows, stepSize: 0.05 }), { initial: mean, draws: 3, key });
    const tempered = runSteps(
      parallelTempering({ energy: ofRows, kernel: (e) => hmc({ energy: e, steps: 2 }), betas: [1, 0.5] }),
      mean,
      { steps: 3, key },
    );
    // Draws of unit variance around means that are 10 apart. Each is beyond 5 with probability
    // 6e-7.
    for (const position of [local.position, trees.state.position, tempered.position]) {
      valuesOf(tf.sub(position, mean)).forEach((distance) => expect(Math.abs(distance)).toBeLessThan(5));
    }
  });
});

describe("refusals", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each([
    [[3, 2], /a condition of shape \[3,2\] was given to 4 examples, expected one for each example, \[4,...\]/],
    [[8, 2], /for rows that are some of the examples use energyOfRows/],
  ])("a condition of %j for 4 examples", (shape, message) => {
    const energy = given(around, { mean: tf.zeros(shape), offset: [tf.scalar(0)] });
    const evaluate = () => energy.energy([], tf.zeros([4, 2]));
    expect(evaluate).toThrow(ValidationError);
    expect(evaluate).toThrow(message);
  });

  it("names the wrong input of the network", () => {
    const model = conditionalMlpEnergy({ in: 3 });
    const params = model.init(key);
    expect(() => given(model, 1).energy(params, tf.zeros([2, 4]))).toThrow(/conditionalMlpEnergy has shape \[2,4\]/);
    expect(() => given(model, tf.zeros([2, 2])).energy(params, tf.zeros([2, 3]))).toThrow(
      /sinusoidal has shape \[2,2\]/,
    );
    expect(() => conditionalMlpEnergy({ in: 3, features: 3 })).toThrow(/width is 3/);
    tree.dispose(params);
  });

  it("refresh sees the condition, and is absent where the model has none", () => {
    const counted: ConditionalEnergy<{ readonly $fixed: tf.Tensor }> = {
      init: () => ({ $fixed: tf.scalar(0) }),
      energy: (_, x) => tf.sum(x, [1]),
      refresh: (params, _, condition) => ({ $fixed: tf.add(params.$fixed, tf.sum(condition)) }),
    };
    expect(valuesOf(given(counted, 2).refresh!({ $fixed: tf.scalar(1) }, tf.zeros([3, 1])).$fixed)).toEqual([7]);
    expect("refresh" in given(around, { mean: tf.zeros([1, 2]), offset: [tf.scalar(0)] })).toBe(false);
  });
});
