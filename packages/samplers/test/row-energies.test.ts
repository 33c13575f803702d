/**
 * Energies with data per chain, such as the observations of a posterior.
 *
 * Kernels that evaluate some of the chains, or several replicas of each, tell the energy which
 * chains these are. Chain c has a normal target with mean m_c and scale s_c. The scales differ so
 * much that trajectories have very different lengths.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { hmc, nuts, runSteps, sample, warmUp, type Kernel, type RowEnergy } from "@ergodic/samplers";
import { parallelTempering, warmUpTempering } from "@ergodic/samplers/tempering";
import { enginesOnThisMachine, valuesOf } from "./support.js";

const all = 20;
const means = Array.from({ length: all }, (_, c) => 3 * c - 20);
const scales = Array.from({ length: all }, (_, c) => 0.3 * 1.2 ** c);
const column = (values: readonly number[], chains: tf.Tensor1D): tf.Tensor =>
  tf.gather(tf.tensor2d([...values], [values.length, 1]), chains);
const energy: RowEnergy = (x, chains) =>
  tf.mul(0.5, tf.sum(tf.square(tf.div(tf.sub(x, column(means, chains)), column(scales, chains))), [1]));
const inOrder = (count: number): tf.Tensor1D => tf.range(0, count, 1, "int32");
/** Exact draws of the first `count` chains, in two dimensions. */
const startOf = (count: number): tf.Tensor => {
  const z = random.normal(random.key("start"), [count, 2]);
  return tf.add(column(means, inOrder(count)), tf.mul(column(scales, inOrder(count)), z));
};
const key = random.key("rows");

/**
 * Expects mean 0 and mean square 1 of (x - m_c)/s_c over draws and dimensions. Chains are
 * independent.
 */
function expectNormal(positions: tf.Tensor, sizeOfChain: number): void {
  const z = tf.div(
    tf.sub(positions, tf.reshape(column(means, inOrder(all)), [all, 1, 1])),
    tf.reshape(column(scales, inOrder(all)), [all, 1, 1]),
  );
  for (const [values, exact, sd] of [
    [tf.mean(z, [1, 2]), 0, 1],
    [tf.mean(tf.square(z), [1, 2]), 1, Math.SQRT2],
  ] as const) {
    valuesOf(values).forEach((value, c) =>
      expect(Math.abs(value - exact), `chain ${c}`).toBeLessThan((5 * sd) / Math.sqrt(sizeOfChain)),
    );
  }
}

describe.each(enginesOnThisMachine)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("nuts finds the energy and gradient of each chain where chains end at different lengths", async () => {
    const kernel = nuts({ energy, stepSize: 0.3 });
    const { positions, state, info } = await sample(kernel, { initial: startOf(all), draws: 40, key });
    const depths = valuesOf(info.treeDepth);
    expect([Math.min(...depths) <= 3, Math.max(...depths) >= 5]).toEqual([true, true]);
    const fresh = kernel.init(state.position);
    valuesOf(fresh.energy).forEach((value, c) => expect(valuesOf(state.energy)[c]).toBeCloseTo(value, 3));
    valuesOf(fresh.gradient).forEach((value, i) => expect(valuesOf(state.gradient)[i]).toBeCloseTo(value, 3));
    // The energy of another chain causes a large energy error, usually a divergence. The chain's
    // own energy varies by a tenth at this step size.
    valuesOf(info.energyError).forEach((error) => expect(Math.abs(error)).toBeLessThan(1));
    expect(valuesOf(info.divergent).some(Boolean)).toBe(false);
    // At least 10 of the 40 draws are independent, in two dimensions.
    expectNormal(positions, 20);
    const few = await sample(kernel, { initial: startOf(7), draws: 40, key });
    valuesOf(few.positions).forEach((value, i) => expect(valuesOf(positions)[i]).toBeCloseTo(value, 2));
  });

  it("tempered replicas of a chain share what is its own", async () => {
    const kernel = parallelTempering({
      energy,
      reference: (x, chains) => tf.mul(0.25, energy(x, chains)),
      kernel: (tempered) => hmc({ energy: tempered, steps: [2, 5], stepSize: 0.3 }),
      betas: [1, 0.5, 0],
    });
    const { positions, state, info } = await sample(kernel, { initial: startOf(all), draws: 200, key });
    const cold = valuesOf(tf.slice(tf.reshape(state.replicas["energy"] as tf.Tensor, [all, 3]), [0, 0], [-1, 1]));
    valuesOf(energy(state.position, inOrder(all))).forEach((value, c) => expect(cold[c]).toBeCloseTo(value, 3));
    expect(valuesOf(tf.mean(info.acceptProb))[0]).toBeGreaterThan(0.8);
    const narrow = tf.slice(positions, 0, all);
    expectNormal(narrow, 4);
  });
});

describe("warm-up", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("tunes one step for such chains", async () => {
    const initial = startOf(all);
    const tuned = await warmUp(nuts({ energy }), initial, { steps: 40, key });
    const tempering = parallelTempering({
      energy,
      kernel: (tempered) => hmc({ energy: tempered, steps: 3 }),
      betas: [1, 0.3],
    });
    const tempered = await warmUpTempering(tempering, initial, { steps: 40, key });
    for (const size of [valuesOf(tuned.stepSize)[0]!, valuesOf(tempered.stepSizes[0]!)[0]!]) {
      expect(size).toBeGreaterThan(0.02);
      expect(size).toBeLessThan(10);
    }
  });
});

describe("an energy that does not ask which chains its rows are is refused at the start", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });
  const deaf = (x: tf.Tensor): tf.Tensor => energy(x, inOrder(all));
  const run = (kernel: Parameters<typeof sample>[0], initial = startOf(all)) =>
    sample(kernel as Kernel<tf.Tensor>, { initial, draws: 1, key });

  it.each([
    ["nuts", () => nuts({ energy: deaf }), /nuts\(\{ energy \}\) cannot evaluate one of 20 chains without the others/],
    [
      "parallelTempering",
      () => parallelTempering({ energy: deaf, kernel: (e) => hmc({ energy: e, steps: 1 }), betas: [1, 0.5] }),
      /parallelTempering cannot evaluate 2 replicas of each chain at once/,
    ],
  ] as const)("by %s", async (_, make, message) => {
    const started = run(make() as unknown as Kernel<tf.Tensor>);
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.toThrow(ValidationError);
    await expect(started).rejects.toThrow(/takes the chains of its rows too: \(x, chains\) =>/);
  });

  it("and fits kernels that evaluate all chains in their order", async () => {
    const { position } = runSteps(hmc({ energy: deaf, steps: 3, stepSize: 0.2 }), startOf(all), { steps: 5, key });
    expect(position.shape).toEqual([all, 2]);
  });
});
