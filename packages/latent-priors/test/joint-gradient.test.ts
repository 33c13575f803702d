/**
 * The slope of -log p(z1, z2 | x) in both layers, the path through mean and standard deviation of
 * z1 included, against central differences of the formula in float64.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine } from "@ergodic/engine";
import { mlpEnergy, partwiseEnergy } from "@ergodic/energies";
import { bottomGenerator, gaussian, gaussianHierarchy, mlpDecoder, type LayeredLatents } from "@ergodic/generators";
import { mlp, sgd } from "@ergodic/nn";
import { random, type TensorTree } from "@ergodic/tensor";
import { latentChains, resolveOptions } from "../src/index.js";
import { enginesOnThisMachine, relativeError, sumOver, valuesOf } from "./support.js";

const [sigma, floor] = [0.3, 0.01];
const generator = bottomGenerator(mlpDecoder({ latentDimension: 2, widths: [3], outputShape: [4] }));
const latents = gaussianHierarchy({ dimensions: [2, 2], conditionals: [mlp({ in: 2, widths: [3], out: 4 })], floor });
const energy = partwiseEnergy({ z1: mlpEnergy({ in: 2, widths: [3] }), z2: mlpEnergy({ in: 2, widths: [3] }) });
const rate = sgd({ learningRate: 0 });
const chains = latentChains(
  resolveOptions({
    ...{ generator, latents, energy, observation: gaussian({ sigma }), observe: (x: tf.Tensor) => x },
    optimizers: { generator: rate, latents: rate, energy: rate },
  }),
);
const makeParams = () => ({
  generator: generator.init(random.key("generator")),
  latents: latents.init(random.key("latents")),
  energy: energy.init(random.key("energy")),
});
type Params = ReturnType<typeof makeParams>;

type Vector = readonly number[];
type Affine = { readonly weight: tf.Tensor; readonly bias: tf.Tensor };

/** A fully connected network with leaky units in float64. */
function hostNetwork(params: TensorTree): (x: Vector) => Vector {
  const layers = (params as unknown as readonly object[])
    .filter((layer) => "weight" in layer)
    .map((layer) => ({ weight: valuesOf((layer as Affine).weight), bias: valuesOf((layer as Affine).bias) }));
  return (x) =>
    layers.reduce<Vector>((input, { weight, bias }, n) => {
      const out = bias.map((b, o) => b + sumOver(input.length, (i) => input[i]! * weight[i * bias.length + o]!));
      return n === layers.length - 1 ? out : out.map((value) => Math.max(value, 0.2 * value));
    }, x);
}

/** E1(z1) + E2(z2) + ½|z2|² + Σ (½((z1 - μ)/σ1)² + log σ1) + |x - g(z1)|²/(2σ²), z = (z1, z2). */
function hostEnergy(params: Params, x: Vector): (z: Vector) => number {
  const [decoder, law] = [hostNetwork(params.generator as TensorTree), hostNetwork(params.latents[0]!)];
  const [first, second] = [hostNetwork(params.energy.z1), hostNetwork(params.energy.z2)];
  return ([a, b, c, d]) => {
    const [z1, z2] = [
      [a!, b!],
      [c!, d!],
    ];
    const output = law(z2);
    const given = sumOver(2, (i) => {
      const sd = Math.exp(output[2 + i]!) + floor;
      return 0.5 * ((z1[i]! - output[i]!) / sd) ** 2 + Math.log(sd);
    });
    const pixels = decoder(z1).map(Math.tanh);
    const error = sumOver(4, (i) => (x[i]! - pixels[i]!) ** 2) / (2 * sigma ** 2);
    return first(z1)[0]! + second(z2)[0]! + 0.5 * sumOver(2, (i) => z2[i]! ** 2) + given + error;
  };
}

describe.each(enginesOnThisMachine)("the joint density of two layers on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("has the slopes of its formula in z1 and z2, example by example", async () => {
    const n = 6;
    const x = random.uniform(random.key("x"), [n, 4], { low: -1, high: 1 });
    const z = { z1: random.normal(random.key("z1"), [n, 2]), z2: random.normal(random.key("z2"), [n, 2]) };
    const slope = await compile((params: Params, at: LayeredLatents, seen: tf.Tensor) =>
      grad((of: LayeredLatents) => tf.sum(chains.posteriorEnergy(params, seen)(of)))(at),
    )(makeParams(), z, x);
    const found = valuesOf(tf.concat([slope.z1!, slope.z2!], 1));
    const points = tf.concat([z.z1, z.z2], 1).arraySync() as number[][];
    const images = x.arraySync() as number[][];
    const params = makeParams();
    const h = 1e-6;
    const expected = points.flatMap((point, row) => {
      const of = hostEnergy(params, images[row]!);
      const at = (i: number, step: number): number => of(point.map((value, k) => (k === i ? value + step : value)));
      return point.map((_, i) => (at(i, h) - at(i, -h)) / (2 * h));
    });
    expect(relativeError(found, expected)).toBeLessThan(1e-5);
    // Slopes in z2 pass through the network of mean and deviation.
    expect(Math.max(...valuesOf(slope.z2!).map(Math.abs))).toBeGreaterThan(0.1);
  });
});
