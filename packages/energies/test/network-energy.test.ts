/**
 * Networks of any layers as energies: the mode they receive in learning, and their running
 * statistics.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { mlpEnergy, networkEnergy, partwiseEnergy, scaledEnergy } from "@ergodic/energies";
import { compile, useEngine } from "@ergodic/engine";
import { batchNorm, dense, dropoutLayer, leakyRelu, sequential, spectral } from "@ergodic/nn";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";

const network = sequential(
  spectral(dense({ in: 3, out: 5 }), { form: "standard" }),
  batchNorm({ channels: 5 }),
  leakyRelu(),
  dropoutLayer({ rate: 0.5 }),
  dense({ in: 5, out: 1 }),
);
const model = networkEnergy(network);
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap((leaf) => [...leaf.dataSync()]);
const points = (seed: string): tf.Tensor => random.normal(random.key(seed), [6, 3], { mean: 2 });

describe.each(["cpu", "onnx"] as const)("a network as an energy on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("is told whether it learns: dropout draws from the key, batch statistics replace the running ones", async () => {
    const params = model.init(random.key(0));
    const x = points("x");
    const evaluated = await compile((at: tf.Tensor) => model.energy(params, at))(x);
    expect(evaluated.shape).toEqual([6]);
    expect(numbers(evaluated)).toEqual(numbers(await compile((at: tf.Tensor) => network.apply(params, at))(x)));
    const learned = compile((at: tf.Tensor, key: ReturnType<typeof random.key>) => model.energy(params, at, { key }));
    const first = numbers(await learned(x, random.key(1)));
    expect(numbers(await learned(x, random.key(1)))).toEqual(first);
    expect(numbers(await learned(x, random.key(2)))).not.toEqual(first);
    // Without a key dropout draws nothing, so the only difference from evaluation is the batch
    // statistics.
    const undrawn = numbers(await compile((at: tf.Tensor) => model.energy(params, at, {}))(x));
    expect(undrawn).not.toEqual(numbers(evaluated));
    expect(undrawn).not.toEqual(first);
  });

  it("moves fixed members by the network's own refresh, and nothing else", () => {
    const params = model.init(random.key(0));
    const moved = model.refresh!(params, points("x"));
    expect(numbers(moved)).toEqual(numbers(network.refresh!(params, points("x"))));
    const [before, after] = [params, moved].map((all) => tree.leaves(all as TensorTree)) as [tf.Tensor[], tf.Tensor[]];
    const changed = tree.paths(params).filter((_, i) => before[i] !== after[i]);
    expect(changed).toEqual(["0.$fixed.direction", "1.$fixed.mean", "1.$fixed.variance"]);
  });

  it("sums energies of parts, each told and refreshed with its own part alone", () => {
    const joint = partwiseEnergy({ top: mlpEnergy({ in: 2, widths: [4] }), bottom: model });
    const params = joint.init(random.key(0));
    const x = { top: random.normal(random.key("top"), [6, 2]), bottom: points("bottom") };
    const parts = tf.add(
      mlpEnergy({ in: 2, widths: [4] }).energy(params.top, x.top),
      model.energy(params.bottom, x.bottom),
    );
    expect(numbers(joint.energy(params, x))).toEqual(numbers(parts));
    const moved = joint.refresh!(params, x);
    expect(moved.top).toBe(params.top);
    expect(numbers(moved.bottom)).toEqual(numbers(model.refresh!(params.bottom, x.bottom)));
    const twice = partwiseEnergy({ a: model, b: model });
    const same = { a: params.bottom, b: params.bottom };
    const input = { a: x.bottom, b: x.bottom };
    // With one key for both parts the sum would be twice one energy. Each part therefore uses its
    // own key.
    const key = random.key("dropout");
    const doubled = tf.mul(2, model.energy(params.bottom, x.bottom, { key: random.fold(key, 0) }));
    expect(numbers(twice.energy(same, input, { key }))).not.toEqual(numbers(doubled));
  });
});

it("times a number has the parameters and the refresh of the network", () => {
  const scaled = scaledEnergy(model, 50);
  const params = scaled.init(random.key(0));
  const x = points("x");
  expect(numbers(params)).toEqual(numbers(model.init(random.key(0))));
  expect(numbers(scaled.energy(params, x))).toEqual(numbers(tf.mul(50, model.energy(params, x))));
  expect(numbers(scaled.refresh!(params, x))).toEqual(numbers(model.refresh!(params, x)));
  expect(() => scaledEnergy(model, 0)).toThrow(ValidationError);
});

it("has no refresh where no layer moves anything", () => {
  expect(networkEnergy(sequential(dense({ in: 3, out: 1 }))).refresh).toBeUndefined();
  expect(partwiseEnergy({ only: mlpEnergy({ in: 3 }) }).refresh).toBeUndefined();
});

it("refuses networks of another output, and parts that are not there", () => {
  const wide = networkEnergy(dense({ in: 3, out: 2 }));
  expect(() => wide.energy(wide.init(random.key(0)), points("x"))).toThrow(/output of an energy's network.*\[6,2\]/);
  expect(() => partwiseEnergy({})).toThrow(ValidationError);
});
