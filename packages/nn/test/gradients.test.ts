/**
 * First derivatives of every activation and layer compared with central differences, at points away
 * from kinks.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, tree } from "@ergodic/tensor";
import {
  activation,
  activationNames,
  conv2d,
  convTranspose2d,
  dense,
  leakyRelu,
  type AffineParams,
  type Layer,
} from "@ergodic/nn";
import { enginesOnThisMachine, numericGradient, relativeError, valuesOf } from "./support.js";

/** Values of the activations in float64, with erf from its Taylor series. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const formulas: Record<(typeof activationNames)[number], (x: number) => number> = {
  leakyRelu: (x) => Math.max(x, 0.2 * x),
  gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
  tanh: Math.tanh,
  relu: (x) => Math.max(x, 0),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
  swish: (x) => x / (1 + Math.exp(-x)),
};
const points = [-3.7, -2.1, -1.3, -0.6, -0.2, 0.2, 0.45, 0.9, 1.6, 2.4, 3.5];

describe.each(enginesOnThisMachine)("derivatives on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(activationNames)("of %s", async (name) => {
    const layer = activation(name);
    const formula = formulas[name];
    const run = compile((x: tf.Tensor) => ({
      value: layer.apply([], x),
      slope: valueAndGrad((u: tf.Tensor) => tf.sum(layer.apply([], u)))(x).grad,
    }));
    const { value, slope } = await run(tf.tensor1d(points));
    const h = 1e-5;
    const slopes = points.map((x) => (formula(x + h) - formula(x - h)) / (2 * h));
    // The largest error of float32 erf in TensorFlow.js' plain backend is 1.5e-7 (Abramowitz and
    // Stegun 7.1.26).
    expect(relativeError(valuesOf(value), points.map(formula))).toBeLessThan(1e-6);
    expect(relativeError(valuesOf(slope), slopes)).toBeLessThan(2e-6);
  });

  it("of a leaky unit with its own slope", async () => {
    const layer = leakyRelu({ slope: 0.01 });
    const grads = await compile((x: tf.Tensor) => valueAndGrad((u: tf.Tensor) => tf.sum(layer.apply([], u)))(x).grad)(
      tf.tensor1d([-2, 3]),
    );
    expect(relativeError(valuesOf(grads), [0.01, 1])).toBeLessThan(1e-6);
  });

  it.each<[string, Layer<AffineParams>, number[]]>([
    ["dense", dense({ in: 4, out: 3 }), [2, 4]],
    ["conv2d, same", conv2d({ in: 2, out: 3, kernel: 3 }), [2, 4, 4, 2]],
    ["conv2d, stride 2, padding 1", conv2d({ in: 2, out: 2, kernel: 4, stride: 2, padding: 1 }), [1, 6, 6, 2]],
    ["conv2d, padded first", conv2d({ in: 2, out: 2, kernel: 3, stride: 2, padding: 1 }), [1, 6, 6, 2]],
    ["convTranspose2d, 1x1 image", convTranspose2d({ in: 5, out: 2, kernel: 3 }), [2, 1, 1, 5]],
    [
      "convTranspose2d, stride 2, padding 1",
      convTranspose2d({ in: 2, out: 2, kernel: 4, stride: 2, padding: 1 }),
      [1, 3, 3, 2],
    ],
    ["convTranspose2d, cut off", convTranspose2d({ in: 2, out: 2, kernel: 5, stride: 2, padding: 1 }), [1, 3, 3, 2]],
  ])("of %s, for input, weight and bias", async (_name, layer, shape) => {
    const [paramsKey, inputKey, weightKey] = random.split(random.key("gradients"), 3);
    const params = layer.init(paramsKey!);
    const input = random.normal(inputKey!, shape);
    const mix = random.normal(weightKey!, layer.apply(params, input).shape);
    type All = { params: AffineParams; input: tf.Tensor };
    // Quadratic in the output, so the derivative depends on the values too.
    const loss = (all: All): tf.Tensor => {
      const y = layer.apply(all.params, all.input);
      return tf.add(y, tf.mul(0.5, tf.square(y)));
    };
    const all: All = { params, input };
    const { grad } = await compile((a: All, m: tf.Tensor) => valueAndGrad((b: All) => tf.sum(tf.mul(loss(b), m)))(a))(
      all,
      mix,
    );
    const weights = valuesOf(mix);
    const { leaves, structure } = tree.flatten(all);
    tree.leaves(grad).forEach((analytic, n) => {
      const numeric = numericGradient((values) => {
        const moved = leaves.map((leaf, k) => (k === n ? tf.tensor(values, leaf.shape) : leaf));
        return tf.tidy(() =>
          valuesOf(loss(tree.unflatten(structure, moved) as All)).reduce((sum, v, i) => sum + v * weights[i]!, 0),
        );
      }, leaves[n]!.dataSync() as Float32Array);
      expect(relativeError(valuesOf(analytic), numeric)).toBeLessThan(1e-4);
    });
  });
});
