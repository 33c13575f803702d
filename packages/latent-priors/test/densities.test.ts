/**
 * Energies of latents through both networks, and their gradients in z, against the same networks in
 * float64.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { gaussian, mlpDecoder } from "@ergodic/generators";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { posteriorEnergy, priorEnergy } from "../src/index.js";
import { enginesOnThisMachine, relativeError, valuesOf } from "./support.js";

const d = 4;
const sigma = 0.3;
const energy = mlpEnergy({ in: d, widths: [9, 7], activation: "leakyRelu" });
const generator = mlpDecoder({ latentDimension: d, widths: [6], outputShape: [3, 2, 1] });

type Affine = { weight: number[][]; bias: number[] };

/** The affine layers of a stack, first to last, by the size of what comes in. */
function affineLayers(params: TensorTree): Affine[] {
  const { leaves } = tree.flatten(params);
  const paths = tree.paths(params);
  const at = (layer: string, name: string): tf.Tensor => leaves[paths.indexOf(`${layer}.${name}`)]!;
  const layers = paths.filter((path) => path.endsWith(".weight")).map((path) => path.slice(0, -".weight".length));
  return layers.map((layer) => ({
    weight: at(layer, "weight").arraySync() as number[][],
    bias: valuesOf(at(layer, "bias")),
  }));
}

/** Leaky units of slope 0.2 between the layers. */
const stack = (layers: readonly Affine[], z: readonly number[]): number[] =>
  layers.reduce<number[]>(
    (input, { weight, bias }, n) => {
      const from = n === 0 ? input : input.map((u) => Math.max(u, 0.2 * u));
      return bias.map((b, o) => from.reduce((sum, u, i) => sum + u * weight[i]![o]!, b));
    },
    [...z],
  );

const square = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);

/** Central differences in float64. The key is fixed, so no kink of a unit lies within ±1e-6. */
const numericGradient = (f: (z: number[]) => number, z: readonly number[]): number[] =>
  z.map((_, i) => {
    const moved = (by: number): number => f(z.map((value, j) => (j === i ? value + by : value)));
    return (moved(1e-6) - moved(-1e-6)) / 2e-6;
  });

describe.each(enginesOnThisMachine)("energies of latents on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([5, 1])("have the values and gradients in z of the formulas, batch of %d", async (batch) => {
    const [energyKey, generatorKey, zKey, xKey] = random.split(random.key("energies of latents"), 4);
    const params = { energy: energy.init(energyKey!), generator: generator.init(generatorKey!) };
    const z = random.normal(zKey!, [batch, d]);
    const x = random.uniform(xKey!, [batch, 3, 2, 1], { low: -1, high: 1 });
    type Params = typeof params;
    const prior = (p: Params) => priorEnergy((at) => energy.energy(p.energy, at));
    const run = compile((p: Params, image: tf.Tensor, at: tf.Tensor) => {
      const posterior = posteriorEnergy(prior(p), (u) =>
        gaussian({ sigma }).logDensity(generator.apply(p.generator, u), image),
      );
      const of = (target: (u: tf.Tensor) => tf.Tensor) => ({
        value: target(at),
        grad: valueAndGrad((u: tf.Tensor) => tf.sum(target(u)))(at).grad,
      });
      return { prior: of(prior(p)), posterior: of(posterior) };
    });
    const found = await run(params, x, z);
    expect(found.prior.value.shape).toEqual([batch]);
    expect(found.posterior.value.shape).toEqual([batch]);

    const [tilt, decoder] = [affineLayers(params.energy), affineLayers(params.generator)];
    const pixels = valuesOf(x);
    (z.arraySync() as number[][]).forEach((row, k) => {
      const u = (at: number[]): number => stack(tilt, at)[0]! + square(at) / 2;
      const image = pixels.slice(6 * k, 6 * k + 6);
      const misfit = (at: number[]): number => square(stack(decoder, at).map((out, i) => image[i]! - Math.tanh(out)));
      const noise = 3 * Math.log(2 * Math.PI * sigma * sigma);
      const joint = (at: number[]): number => u(at) + misfit(at) / (2 * sigma * sigma) + noise;
      const rows = (tensor: tf.Tensor): number[] => valuesOf(tensor).slice(d * k, d * k + d);
      expect(valuesOf(found.prior.value)[k]).toBeCloseTo(u(row), 5);
      expect(relativeError([valuesOf(found.posterior.value)[k]!], [joint(row)])).toBeLessThan(1e-5);
      expect(relativeError(rows(found.prior.grad), numericGradient(u, row))).toBeLessThan(1e-5);
      expect(relativeError(rows(found.posterior.grad), numericGradient(joint, row))).toBeLessThan(1e-5);
    });
  });

  it("are |z|²/2 without a tilt, and unchanged by a constant one", () => {
    const z = tf.tensor2d([3, 4, 0, 1], [2, 2]);
    expect(valuesOf(priorEnergy(undefined)(z))).toEqual([12.5, 0.5]);
    const constant = priorEnergy(() => tf.fill([2], 7));
    expect(valuesOf(valueAndGrad((u: tf.Tensor) => tf.sum(constant(u)))(z).grad)).toEqual([3, 4, 0, 1]);
  });
});
