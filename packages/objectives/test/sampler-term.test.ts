/**
 * The sampler term of contrastive divergence against its closed form on a normal energy.
 *
 * A step without noise from x is x' = μ + (1 - αp)(x - μ), with precision p and drift α.
 */
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { langevin, type Energy } from "@ergodic/samplers";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { contrastiveDivergence, nearestNeighbourSpread, type SamplerTerm } from "../src/index.js";
import { samplerTermLoss } from "../src/chains/sampler-term.js";
import { drawTruth, normalModel, normalParams, type NormalParams } from "./normal-model.js";

const n = 40;
const drift = 0.3;
const mean = [0.2, -0.1] as const;
const precision = 1.6;

/** log of the distance to the nearest other row, by brute force. */
const logNearest = (rows: number[][], i: number): number =>
  Math.log(
    Math.min(...rows.flatMap((row, j) => (j === i ? [] : [Math.hypot(...row.map((x, d) => x - rows[i]![d]!))]))),
  );
const average = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

describe.each(["cpu", "onnx"] as const)("on %s", (engine) => {
  let start: number[][];
  let ends: number[][];
  beforeAll(async () => {
    await useEngine(engine);
    start = (await drawTruth(random.key("starts"), n).array()) as number[][];
    ends = start.map((row) => row.map((x, d) => mean[d]! + (1 - drift * precision) * (x - mean[d]!)));
  });

  /** Value and gradients in the mean, in λ = log p of both entries, and in the constant. */
  async function term(weights: SamplerTerm) {
    const params = normalParams(mean, [1 / precision, 1 / precision]);
    const kernel = (energy: Energy) => langevin({ energy, drift, withNoise: false });
    const loss = samplerTermLoss(normalModel, { kernel, negatives: tf.tensor2d(start), key: random.key(0) }, weights);
    const compiled = compile((p: NormalParams) => valueAndGrad(loss)(p));
    const { value, grad } = await compiled(params);
    await compiled.dispose();
    const numbers = ({ mean: m, logPrecision, constant }: NormalParams) =>
      [m, logPrecision, constant].map((leaf) => [...leaf.dataSync()]);
    const [inMean, inLog, [inConstant]] = numbers(grad) as [number[], number[], [number]];
    tree.dispose(grad);
    return { value: value.dataSync()[0]!, inMean, inLog, inConstant };
  }

  it("has the slope of the energy where chains end, through their last step alone", async () => {
    const { value, inMean, inLog, inConstant } = await term({ entropy: 0 });
    const constant = Math.log((2 * Math.PI) / precision);
    const low = average(ends.map((row) => 0.5 * precision * row.reduce((sum, x, d) => sum + (x - mean[d]!) ** 2, 0)));
    expect(value).toBeCloseTo(low + constant, 4);
    // The constant is not part of the step, so the term must not see it.
    expect(inConstant).toBe(0);
    for (const d of [0, 1]) {
      const slope = (row: number[]) => precision * (row[d]! - mean[d]!);
      expect(inMean[d]).toBeCloseTo(average(ends.map((row) => slope(row) * drift * precision)), 5);
      expect(inLog[d]).toBeCloseTo(average(ends.map((row, i) => slope(row) * -drift * slope(start[i]!))), 5);
    }
  });

  it("raises the entropy of the ends: a step scales all distances by 1 - αp", async () => {
    const { value, inMean, inLog } = await term({ energy: 0, entropy: 1 });
    expect(value).toBeCloseTo(-average(ends.map((_, i) => logNearest(ends, i))), 5);
    inMean.forEach((slope) => expect(slope).toBeCloseTo(0, 5));
    const contraction = (drift * precision) / (1 - drift * precision);
    expect(inLog[0]! + inLog[1]!).toBeCloseTo(contraction, 4);
  });
});

it("stays finite where chains have met, and needs two chains", async () => {
  await useEngine("cpu");
  const slope = valueAndGrad((x: tf.Tensor) => nearestNeighbourSpread(x))(tf.zeros([3, 2]));
  expect(slope.value.dataSync()[0]).toBeCloseTo(Math.log(1e-6), 3);
  expect([...slope.grad.dataSync()].every(Number.isFinite)).toBe(true);
  expect(() => nearestNeighbourSpread(tf.zeros([1, 2]))).toThrow(/at least 2/);
});

it("has weights that are not negative", () => {
  const kernel = (energy: Energy) => langevin({ energy, drift });
  expect(() => contrastiveDivergence({ kernel, steps: 1, samplerTerm: { entropy: -1 } })).toThrow(
    /samplerTerm.entropy is -1/,
  );
});
