/**
 * Verdicts on constructed draws of a known target: right draws, biased draws, and draws that miss
 * modes.
 */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import type { ChainRun } from "../../src/target/run-chains.js";
import { followQuantities, summarizeRun, type KnownTarget } from "../../src/target/summary.js";

beforeAll(async () => {
  await useEngine("cpu");
});

const [chains, draws] = [4, 500];

/** N(0, 1) with the quantities x and x². */
const target: KnownTarget = {
  quantities: [
    { name: "x", mean: 0, sd: 1, of: (x) => tf.squeeze(x, [1]) },
    { name: "x²", mean: 1, sd: Math.SQRT2, of: (x) => tf.squeeze(tf.square(x), [1]) },
  ],
};

const summarised = (positions: tf.Tensor, known = target, info: ChainRun["info"] = {}) => {
  const run: ChainRun = { positions: positions as tf.Tensor3D, info, seconds: { warmup: 1, draws: 2 } };
  return summarizeRun(known, run, followQuantities(known, run), { stepSize: 0.5, momentum: false });
};
const independent = (seed: number) => random.normal(random.key(seed), [chains, draws, 1]);

describe("draws of the target", () => {
  it("are found right: independent draws have their moments, and one gradient each", () => {
    const { quantities, troubles, ...costs } = summarised(independent(3));
    // Four standard errors for four estimates, and R-hat of two numbers. About 5 % of seeds raise a
    // false alarm. This one does not.
    expect(troubles).toEqual([]);
    for (const { meanError, sdError, wrong } of quantities) {
      expect(Math.max(Math.abs(meanError), Math.abs(sdError))).toBeLessThan(4);
      expect(wrong).toEqual({ mean: false, sd: false });
    }
    const least = Math.min(...quantities.map(({ essBulk }) => essBulk));
    expect(costs).toMatchObject({
      ...{ stepSize: 0.5, gradientsPerEffectiveDraw: (chains * draws) / least, effectiveDrawsPerSecond: least / 2 },
    });
    // E (x - y)² of independent x and y is 2. Its standard error is √(8/2000) = 0.063, and a little
    // more for overlap.
    expect(Math.abs(costs.jumpDistance - 2)).toBeLessThan(0.5);
  });

  it("are found wrong when shifted: the mean, by its distance in standard errors", () => {
    const { troubles, quantities } = summarised(tf.add(independent(3), 1));
    const mean = troubles.find((trouble) => trouble.kind === "estimate" && trouble.what === "mean")!;
    // x is 1/(1/√2000) = 45 standard errors off. x² has mean 2 and sd √6, so it is about 18 off.
    expect(mean).toMatchObject({ name: "x", exact: 0, affected: 2, followed: 2 });
    expect((mean as { errors: number }).errors).toBeCloseTo(Math.abs(quantities[0]!.meanError), 10);
    expect(quantities[0]!.wrong.mean).toBe(true);
  });

  it("are found wrong when too narrow: the standard deviation", () => {
    const { troubles } = summarised(tf.mul(independent(3), 0.5));
    // x has the standard deviation 1/2 instead of 1, and x² has a quarter of its own. The worst is
    // named.
    expect(troubles).toContainEqual(
      expect.objectContaining({ kind: "estimate", what: "sd", exact: Math.SQRT2, name: "x²", affected: 2 }),
    );
  });

  it("carry what the kernel reported", () => {
    const gradients = tf.ones([chains, draws]);
    const divergent = tf.oneHot(tf.zeros([chains], "int32"), draws);
    const { transitions, troubles } = summarised(independent(3), target, {
      nGrad: tf.mul(gradients, 3),
      divergent: tf.cast(divergent, "float32"),
      stepSize: tf.fill([draws], 0.25),
    });
    expect(transitions.gradients).toBe(3 * chains * draws);
    expect(troubles).toEqual([
      { kind: "kernel", text: expect.stringMatching(/^4 divergent steps \(0\.20 %\)/) as string },
    ]);
  });
});

describe("modes", () => {
  const bimodal: KnownTarget = { quantities: [], modes: { centres: [[-1], [1]], weights: [3, 1] } };
  /** x = 1 with probability `share`, otherwise -1, one draw at a time. */
  const hopping = (share: number) =>
    tf.sub(tf.mul(2, tf.cast(tf.less(random.uniform(random.key(5), [chains, draws, 1]), share), "float32")), 1);
  const found = (positions: tf.Tensor) =>
    summarised(positions, bimodal).troubles.filter(({ kind }) => kind !== "oneChain");

  it("in their exact shares are no trouble", () => {
    expect(found(hopping(0.25))).toEqual([]);
  });

  it("in other shares are", () => {
    expect(found(hopping(0.5))).toMatchObject([{ kind: "modeShares", exact: [0.75, 0.25], degreesOfFreedom: 1 }]);
  });

  it("that are never visited are counted with their share, and chains that stay are named", () => {
    expect(found(tf.fill([chains, draws, 1], -1))).toEqual([
      { kind: "missedModes", missed: 1, of: 2, share: 0.25 },
      { kind: "noHop" },
    ]);
  });

  it("that some chains missed are told by the number of chains", () => {
    const [one, two] = [hopping(0.25), tf.fill([1, draws, 1], -1)];
    const mixed = tf.concat([tf.slice(one, [0, 0, 0], [3, draws, 1]), two], 0);
    expect(found(mixed)[0]).toEqual({ kind: "partialVisits", chains: 1, of: 4 });
  });
});
