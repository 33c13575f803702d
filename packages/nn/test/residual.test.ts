/** Residual blocks with and without a condition, gains, and the embedding of time. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, trainedPart, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import {
  channelGain,
  conditionedResidual,
  conv2d,
  dense,
  dropoutLayer,
  identity,
  initializers,
  instanceNorm,
  leakyRelu,
  pointwise,
  reflectionPad2d,
  residual,
  sequential,
  sinusoidal,
  spectral,
  swish,
  type Conditioned,
  type Layer,
} from "@ergodic/nn";
import { enginesOnThisMachine, relativeError, derivativeError, valuesOf, wave } from "./support.js";

const key = random.key("blocks");

/**
 * A block of recovery likelihood: a capped second convolution that starts near zero, a gain after
 * it, and a 3x3 skip if widths differ.
 */
function block({ from, to, time }: { readonly from: number; readonly to: number; readonly time: number }) {
  const glorot = { weight: initializers.xavierUniform, bias: initializers.zeros };
  const nearZero = { weight: initializers.scaled(initializers.xavierUniform, 1e-5), bias: initializers.zeros };
  const standard = { form: "standard" } as const;
  return conditionedResidual({
    first: sequential(leakyRelu(), spectral(conv2d({ in: from, out: to, kernel: 3, init: glorot }), standard)),
    project: sequential(leakyRelu(), spectral(dense({ in: time, out: to, init: glorot }), standard)),
    second: sequential(
      leakyRelu(),
      spectral(conv2d({ in: to, out: to, kernel: 3, init: nearZero }), { form: "capped" }),
      channelGain({ channels: to }),
    ),
    skip: (from === to
      ? identity()
      : spectral(conv2d({ in: from, out: to, kernel: 3, init: glorot }), standard)) as Layer<TensorTree>,
  });
}

/** The block as a layer of one tensor. Its condition is the mean of the image. */
const onImages = <P extends TensorTree>(layer: Layer<P, Conditioned>): Layer<P> => ({
  init: (from) => layer.init(from),
  apply: (params, image, learning) =>
    layer.apply(params, { image, condition: tf.tanh(tf.mean(image, [1, 2])) }, learning),
});

describe.each(enginesOnThisMachine)("residual blocks on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("x + body(x), or skip(x) + body(x)", async () => {
    const body = dense({ in: 3, out: 2 });
    const skip = dense({ in: 3, out: 2 });
    const both = residual(body, skip);
    const params = both.init(key);
    const y = await compile(both.apply)(params, wave(0, 4, 3));
    const apart = tf.add(body.apply(params.body, wave(0, 4, 3)), skip.apply(params.skip, wave(0, 4, 3)));
    expect(relativeError(valuesOf(y), valuesOf(apart))).toBeLessThan(1e-6);
    const squares = residual(pointwise(tf.square));
    const x = await compile(squares.apply)({ body: [], skip: [] }, tf.tensor1d([1, -2, 3]));
    expect(valuesOf(x)).toEqual([2, 2, 12]);
    expect(squares.refresh).toBeUndefined();
  });

  it("a block that starts near zero is its skip path, and learns from it", async () => {
    const same = block({ from: 8, to: 8, time: 4 });
    const params = same.init(key);
    const input = {
      image: random.normal(random.key(1), [2, 4, 4, 8]),
      condition: random.normal(random.key(2), [2, 4]),
    };
    const y = await compile(same.apply)(params, input);
    expect(relativeError(valuesOf(y), valuesOf(input.image))).toBeLessThan(1e-4);
    // Two 3x3 convolutions, the projection of time, biases and gains. Vectors of the power
    // iteration are not trained.
    const count = tree.leaves(trainedPart(params)).reduce((sum, leaf) => sum + (leaf as tf.Tensor).size, 0);
    expect(count).toBe(2 * (9 * 8 * 8 + 8) + (4 * 8 + 8) + 8);
  });

  it("adds the projected condition at every position, and refreshes every part with what it sees", async () => {
    const layer = block({ from: 3, to: 5, time: 4 });
    const params = layer.init(key);
    const input = { image: wave(0, 2, 4, 4, 3), condition: wave(1, 2, 4) };
    const moved = await compile(layer.refresh!)(params, input);
    const was = tree.flatten(params).leaves as tf.Tensor[];
    const changed = tree.paths(params).filter((_, i) => {
      const now = valuesOf(tree.leaves(moved)[i] as tf.Tensor);
      return relativeError(now, valuesOf(was[i]!)) > 1e-3;
    });
    expect(changed).toEqual([
      "first.1.$fixed.direction",
      "project.1.$fixed.direction",
      "second.1.$fixed.direction",
      "skip.$fixed.direction",
    ]);
    // A body that returns its input makes the sum visible.
    const plain = conditionedResidual({ first: identity(), project: identity(), second: identity() });
    const y = plain.apply(plain.init(key), { image: wave(0, 2, 3, 3, 4), condition: wave(1, 2, 4) });
    const expected = tf.add(tf.mul(2, wave(0, 2, 3, 3, 4)), tf.reshape(wave(1, 2, 4), [2, 1, 1, 4]));
    expect(relativeError(valuesOf(y), valuesOf(expected))).toBeLessThan(1e-6);
  });

  it.each<[string, Layer, number[]]>([
    ["with a condition", onImages(block({ from: 2, to: 2, time: 2 })) as Layer, [1, 3, 3, 2]],
    [
      "of a translator",
      residual(
        sequential(
          reflectionPad2d({ size: 1 }),
          conv2d({ in: 2, out: 2, kernel: 3, padding: "valid" }),
          instanceNorm({ channels: 2 }),
          swish(),
        ),
      ) as Layer,
      [1, 3, 3, 2],
    ],
  ])("%s has right first and second derivatives in the input", async (_name, layer, shape) => {
    const fixed: Layer<readonly never[]> = pointwise((x) => layer.apply(layer.init(key), x));
    expect(await derivativeError(fixed, shape)).toBeLessThan(1e-3);
  });

  it("channelGain has right first and second derivatives", async () => {
    expect(await derivativeError(channelGain({ channels: 3 }), [2, 3])).toBeLessThan(1e-3);
  });

  it("each part draws from its own key while learning", async () => {
    const noisy = residual(dropoutLayer({ rate: 0.5 }), dropoutLayer({ rate: 0.5 }));
    const y = await compile(noisy.apply)({ body: [], skip: [] }, tf.ones([1000]), { key: random.key(3) });
    // If both parts dropped the same values, no sum would be 2 = 1/(1 - rate).
    expect(new Set(valuesOf(y))).toEqual(new Set([0, 2, 4]));
  });

  it("sinusoidal: sines first, frequencies from 1 to 1/10000", async () => {
    const layer = sinusoidal({ width: 6 });
    const times = [0, 1, 5, 999];
    const y = await compile(layer.apply)([], tf.tensor1d(times, "int32"));
    const frequencies = [1, 1e-2, 1e-4];
    const expected = times.flatMap((t) => [
      ...frequencies.map((f) => Math.sin(t * f)),
      ...frequencies.map((f) => Math.cos(t * f)),
    ]);
    expect(y.shape).toEqual([4, 6]);
    expect(y.dtype).toBe("float32");
    expect(relativeError(valuesOf(y), expected)).toBeLessThan(2e-6);
    expect(await derivativeError(layer, [3])).toBeLessThan(1e-3);
  });
});

describe("residual blocks", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each([
    [
      () => residual(dense({ in: 3, out: 2 })).apply(residual(dense({ in: 3, out: 2 })).init(key), wave(0, 4, 3)),
      /\[4,2\] beside a skip of \[4,3\]/,
    ],
    [
      () =>
        conditionedResidual({ first: identity(), project: identity(), second: identity() }).apply(
          { first: [], project: [], second: [], skip: [] },
          { image: wave(0, 2, 3, 3, 4), condition: wave(0, 2, 3) },
        ),
      /the projected condition of conditionedResidual has shape \[2,3\], expected \[2,4\]/,
    ],
    [() => sinusoidal({ width: 5 }), /width is 5, expected an even number/],
    [() => sinusoidal({ width: 2 }), /width is 2/],
    [() => sinusoidal({ width: 8 }).apply([], wave(0, 3, 1)), /the input of sinusoidal has shape \[3,1\]/],
    [() => channelGain({ channels: 2 }).apply({ gain: wave(0, 2) }, wave(0, 4, 3)), /the input of channelGain/],
  ])("refuses what does not fit together (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
