/** Flows fitted to known densities, and chains in their noise. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { realNvp } from "@ergodic/flows";
import { adam } from "@ergodic/nn";
import { summarize, type Energy } from "@ergodic/samplers";
import { random, tree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { fitTransport, transportedEnergy } from "../src/index.js";
import { a, affineFlow, b } from "./support.js";
import { carriedChains, fit } from "./transports.js";

beforeAll(() => useEngine("onnx"));

/**
 * E(x) = ½ (x - m)ᵀ P (x - m), P = [[50, -35], [-35, 25]].
 *
 * The correlation is 0.99 and log Z = log 2π - ½ log 25.
 */
const narrow: Energy = (x) => {
  const [first, second] = tf.unstack(tf.sub(x, [3, -2]), 1) as [tf.Tensor, tf.Tensor];
  const squares = tf.add(tf.mul(25, tf.square(first)), tf.mul(12.5, tf.square(second)));
  return tf.sub(squares, tf.mul(35, tf.mul(first, second))) as tf.Tensor1D;
};

/** x ~ N(0, 1), y | x ~ N(x² - 1, 0.3²): y has mean 0 and variance 2.09. Normalised. */
const banana: Energy = (position) => {
  const [x, y] = tf.unstack(position, 1) as [tf.Tensor, tf.Tensor];
  const bent = tf.square(tf.div(tf.sub(y, tf.sub(tf.square(x), 1)), 0.3));
  return tf.add(tf.mul(0.5, tf.add(tf.square(x), bent)), Math.log(2 * Math.PI * 0.3)) as tf.Tensor1D;
};

describe("a fitted flow", () => {
  it("becomes a Gaussian of correlation 0.99, and its bound log Z", async () => {
    const { bounds } = await fit(narrow, 800);
    const last = bounds.slice(-50).reduce((sum, bound) => sum + bound / 50, 0);
    const exact = Math.log(2 * Math.PI) - 0.5 * Math.log(25);
    console.log({ first: bounds[0], last, exact });
    expect(bounds[0]).toBeLessThan(exact - 10);
    expect(Math.abs(last - exact)).toBeLessThan(0.02);
  });

  it("carries chains along a banana", async () => {
    const { flow, params, bounds } = await fit(banana, 600);
    const { positions } = await carriedChains({ flow, params, energy: banana, leapfrogSteps: 3, draws: 300 });
    const rows = summarize(positions);
    console.log({ rows, bound: bounds.at(-1) });
    // The bound is a mean of 256 draws.
    expect(bounds.at(-1)).toBeGreaterThan(-0.1);
    // False alarm rate: one in 8,000 runs that one of two means exceeds 4 standard errors.
    rows.forEach(({ mean, mcseMean, sd, rHat }, i) => {
      expect(rHat).toBeLessThan(1.02);
      expect(Math.abs(mean)).toBeLessThan(4 * mcseMean);
      expect(Math.abs(sd / Math.sqrt([1, 2.09][i]!) - 1)).toBeLessThan(0.1);
    });
  });
});

describe("the energy in noise", () => {
  it("is that of N(0, I), up to a constant, through the exact map", () => {
    const { backbone, params } = affineFlow(a, b);
    // x = A z + b has energy ½ ‖z‖², and log|det A| = 0.
    const energy: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(backbone.encode(params, x)), 1)) as tf.Tensor1D;
    const z = random.normal(random.key(5), [6, 2]);
    const found = transportedEnergy(backbone, params, energy)(z).dataSync();
    tf.mul(0.5, tf.sum(tf.square(z), 1))
      .dataSync()
      .forEach((value, i) => expect(found[i]).toBeCloseTo(value, 4));
  });
});

describe("what cannot be fitted", () => {
  it("is refused by name, and leaves no tensors", async () => {
    const nowhere: Energy = (x) => tf.add(tf.sum(x, 1), NaN) as tf.Tensor1D;
    const flow = realNvp({ features: 2 });
    const given = { flow, energy: nowhere, optimizer: adam({ learningRate: 1e-3 }), iterations: 3, key: random.key(1) };
    await expect(fitTransport({ ...given, iterations: 0 })).rejects.toThrow(/iterations is 0.*integer >= 1/s);
    const before = tf.memory().numTensors;
    await expect(fitTransport(given)).rejects.toThrow(/never finite.*finite near N\(0, I\)/s);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("goes on over single gradients that are not finite, and counts them", async () => {
    // In one of five iterations none of 256 draws of N(0, I) is beyond 2.5. These iterations
    // contract the flow.
    const walled: Energy = (x) => {
      const first = tf.slice(x, [0, 0], [-1, 1]);
      const wall = tf.log(tf.cast(tf.less(first, 2.5), "float32"));
      return tf.sub(tf.mul(2, tf.sum(tf.square(x), 1)), tf.mul(tf.squeeze(wall, [1]), tf.sum(x, 1))) as tf.Tensor1D;
    };
    const { params, skipped } = await fit(walled, 40);
    expect(skipped).toBeGreaterThan(0);
    expect(skipped).toBeLessThan(40);
    expect(tree.leaves(params).every((leaf) => [...(leaf as tf.Tensor).dataSync()].every(Number.isFinite))).toBe(true);
  });
});
