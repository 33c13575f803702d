/**
 * Mixtures and cycles of kernels.
 *
 * - The law is right even if no part alone reaches it.
 * - Parts recompute cached values after another part has moved.
 * - States persist.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { bimodal } from "@ergodic/energies";
import { random, type Key } from "@ergodic/tensor";
import {
  cycle,
  hmc,
  identityMass,
  independence,
  langevin,
  mala,
  mixture,
  nuts,
  runChain,
  sample,
  warmUp,
  type HamiltonianState,
  type Kernel,
} from "@ergodic/samplers";
import { sgld, sghmc, type SghmcState } from "@ergodic/samplers/stochastic-gradients";
import { enginesOfLongRuns, valuesOf } from "./support.js";

const key = random.key("compose");
const target = bimodal({ position: 5 });
const proposal = {
  sample: (k: Key, n: number): tf.Tensor => random.normal(k, [n, 1], { sd: 6 }),
  energy: (x: tf.Tensor): tf.Tensor => tf.div(tf.sum(tf.square(x), [1]), 72),
};
const local = () => hmc({ energy: target.energy, stepSize: 0.6, steps: 3 });
const jumps = () => independence({ energy: target.energy, proposal });
const share = (mask: tf.Tensor): number => valuesOf(tf.mean(tf.cast(mask, "float32")))[0]!;

describe.each(enginesOfLongRuns)("two modes apart by a barrier of 12, on %s", (engine) => {
  // All chains begin in one mode. At least 30 of 60 steps are jumps, and one in five jumps is
  // accepted. 1e-3 of the chains never jump.
  const chains = 4000;
  beforeAll(async () => {
    await useEngine(engine);
  });
  const occupancy = async (kernel: Kernel<tf.Tensor>) => {
    const { position } = await runChain(kernel, { initial: tf.fill([chains, 1], 5), steps: 60, key });
    const second = valuesOf(tf.mean(tf.square(position)))[0]!;
    return { right: share(tf.greater(position, 0)), second };
  };

  // One chain leaves in one run of six. Five leave in less than one run of 10,000.
  it("local moves alone hardly ever leave", async () => {
    expect((await occupancy(local())).right).toBeGreaterThan(1 - 5 / chains);
  });

  it.each([
    ["a mixture", () => mixture([local(), jumps()])],
    ["a mixture that rarely jumps locally", () => mixture([local(), jumps()], { weights: [1, 9] })],
    ["a cycle", () => cycle([local(), jumps()])],
    ["a cycle that ends locally", () => cycle([jumps(), local()])],
  ])("%s with independent jumps fills both, and keeps their shape", async (_, make) => {
    const { right, second } = await occupancy(make());
    const exact = target.moments.covariance[0]![0]!;
    expect(Math.abs(right - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / chains));
    // Var x² = E x⁴ - (E x²)² = a⁴ + 6a² + 3 - (a² + 1)² = 4a² + 2.
    expect(Math.abs(second - exact)).toBeLessThan(5 * Math.sqrt(102 / chains));
  });
});

describe("parts", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });
  const chains = 2000;
  const halfSquare = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(x), [1]));

  it("a cycle is its kernels one after the other, begun anew where the last one went", async () => {
    const [one, two] = [
      mala({ energy: halfSquare, stepSize: 0.9 }),
      hmc({ energy: halfSquare, stepSize: 0.7, steps: 2 }),
    ];
    const initial = random.normal(random.key(2), [20, 2]);
    const both = cycle([one, two]);
    const [{ position }] = both.step(both.init(initial), key);
    const keys = random.split(key, 2);
    const [first] = one.step(one.init(initial), keys[0]!);
    const [second] = two.step(two.init(first.position), keys[1]!);
    expect(valuesOf(position)).toEqual(valuesOf(second.position));
  });

  it.each([false, true])("a mixture makes for each chain the step of its choice; shared: %s", async (shared) => {
    const kernels = [mala({ energy: halfSquare, stepSize: 0.9 }), langevin({ energy: halfSquare, stepSize: 0.5 })];
    const weights = [3, 1];
    const mixed = mixture(kernels, { weights, shared });
    const initial = random.normal(random.key(2), [chains, 1]);
    const [{ position }, info] = mixed.step(mixed.init(initial), key);
    const choice = valuesOf(info.choice);
    const keys = random.split(key, 3).slice(1);
    const alone = kernels.map((kernel: Kernel<tf.Tensor>, i) =>
      valuesOf(kernel.step(kernel.init(initial), keys[i]!)[0].position),
    );
    expect(valuesOf(position)).toEqual(choice.map((k, chain) => alone[k]![chain]!));
    if (shared) expect(new Set(choice).size).toBe(1);
    else expect(Math.abs(share(info.choice) - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / chains));
  });

  it("a shared choice varies from step to step by the weights", async () => {
    const mixed = mixture([mala({ energy: halfSquare }), langevin({ energy: halfSquare, stepSize: 0.5 })], {
      weights: [1, 3],
      shared: true,
    });
    const { info } = await sample(mixed, { initial: tf.zeros([2, 1]), draws: 800, key });
    expect(info.choice.shape).toEqual([2, 800]);
    expect(Math.abs(share(info.choice) - 0.75)).toBeLessThan(5 * Math.sqrt(0.1875 / 800));
  });

  it("memories of chains that chose another kernel stay, counts of steps advance", () => {
    const kernels = [sghmc({ energy: halfSquare, learningRate: 0.1 }), sgld({ energy: halfSquare, learningRate: 0.1 })];
    const mixed = mixture(kernels);
    const [state, { choice }] = mixed.step(mixed.init(tf.ones([50, 1])), key);
    const { velocity, step } = state.parts[0] as SghmcState<tf.Tensor>;
    valuesOf(choice).forEach((k, chain) => expect(valuesOf(velocity)[chain] === 0).toBe(k === 1));
    expect(valuesOf(step)).toEqual([1]);
  });

  it("begin with a tuned kernel's state, which stays tuned", async () => {
    const kernel = hmc({ energy: halfSquare, steps: [1, 2] });
    const initial = random.normal(random.key(9), [8, 2]);
    const tuned = await warmUp(kernel, initial, { steps: 40, key });
    const composed = cycle([kernel, langevin({ energy: halfSquare, stepSize: 0.1, mass: identityMass() })]);
    const begun = composed.init(tuned.position);
    const { state } = await sample(composed, {
      initial: { ...begun, parts: [tuned, begun.parts[1]!] },
      draws: 5,
      key,
    });
    const part = state.parts[0] as HamiltonianState<tf.Tensor>;
    expect(valuesOf(part.stepSize)).toEqual(valuesOf(tuned.stepSize));
    expect(valuesOf(part.inverseMass as tf.Tensor)).toEqual(valuesOf(tuned.inverseMass as tf.Tensor));
    expect(valuesOf(tuned.stepSize)[0]).not.toBeCloseTo(0.1, 5);
  });

  it("names what is wrong", () => {
    expect(() => cycle([])).toThrow(/cycle has no kernel, expected at least one/);
    expect(() => mixture([])).toThrow(/mixture has no kernel/);
    const led = nuts({ energy: target.energy }) as unknown as Kernel<tf.Tensor>;
    for (const compose of [cycle, mixture]) {
      expect(() => compose([local(), led])).toThrow(
        /(cycle|mixture) was given a kernel without a step, expected .*; nuts .*run it by sample/,
      );
    }
    expect(() => mixture([local()], { weights: [1, 2] })).toThrow(/weights has 2 numbers, expected 1, one a kernel/);
    expect(() => mixture([local(), jumps()], { weights: [1, 0] })).toThrow(/weights\[1\] is 0/);
  });
});
