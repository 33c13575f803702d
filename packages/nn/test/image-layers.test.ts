/**
 * Grouped convolutions, pooling and resampling compared with PyTorch, their derivatives, and
 * messages for invalid images.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, EngineError, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { averagePool2d, conv2d, maxPool2d, reflectionPad2d, upsample2d, type Layer } from "@ergodic/nn";
import { enginesOnThisMachine, numericGradient, relativeError, derivativeError, valuesOf, wave } from "./support.js";

// import torch; from torch.nn import functional as F; torch.set_default_dtype(torch.float64)
// numbers = lambda shape: torch.arange(torch.Size(shape).numel())
// wave = lambda shift, *shape: torch.sin(numbers(shape) * 1.7 + shift).reshape(shape)
// n, b = wave(0., 1, 3, 4, 4).permute(0, 3, 1, 2), wave(2., 4)
// w = lambda *s: wave(1., *s).permute(3, 2, 0, 1)
// results = [F.conv2d(n, w(1, 1, 4, 4), b), F.conv2d(n, w(3, 3, 2, 4), b, 1, 1, groups=2),
//   F.conv2d(n, w(2, 2, 1, 8), wave(2., 8), 2, groups=4),
//   F.avg_pool2d(n[:, :2], 2), F.max_pool2d(n[:, :2], 2, 1),
//   F.interpolate(n[:, :1], scale_factor=2, mode="nearest"),
//   F.pad(n[:, :1], (1, 1, 1, 1), mode="reflect")]
// for y in results: print(y.permute(0, 2, 3, 1).flatten())
const golden = {
  pointwise: [
    1.154891, 0.367022, -1.249469, -0.04504767, 1.151665, 0.565246, -1.297322, -0.2309403, 1.08513, 0.4774289,
    -1.208159, -0.1660998, 0.9726677, 0.1265092, -1.005268, 0.1325372, 0.8436524, -0.3958512, -0.7416459, 0.5869652,
    0.7317839, -0.9532092, -0.4861524, 1.078485, 0.6662828, -1.39998, -0.3055234, 1.47871, 0.6642583, -1.619465,
    -0.2469401, 1.683099, 0.7262393, -1.554333, -0.3257048, 1.638264, 0.836036, -1.221598, -0.5212437, 1.355917,
    0.9649689, -0.7081708, -0.7824811, 0.9098076, 1.07936, -0.1481619, -1.041181, 0.4164626,
  ],
  grouped: [
    1.433786, 1.866962, -0.01492112, 3.592587, -0.542679, 3.457836, -2.153664, 5.100532, -2.309727, 3.247275, -3.734151,
    4.779773, -2.929318, 0.4559279, -4.378025, 2.181552, -0.9424267, -1.172079, -2.574961, -0.5249459, -0.1097186,
    -4.133753, -1.643266, -3.311261, 2.369996, -5.171835, 0.6091869, -4.338348, 4.591076, -2.600479, 2.958542,
    -1.953347, 2.959973, -2.017725, 0.9668265, -0.2657616, 3.767329, 0.6947553, 1.781107, 2.254432, 1.901423, 2.467711,
    0.0853128, 4.120331, -0.7470964, 1.476518, -2.740243, 3.228482,
  ],
  depthwise: [
    0.9835191, -1.928924, -3.276828, 0.3893451, 0.5449207, 0.3684028, 2.22135, 0.3007016, 2.905156, -0.5486379,
    -2.022631, -0.5551319, -1.676387, -0.0960172, 0.9177917, 1.721892,
  ],
  averagePool2d: [0.4756173, 0.07371198, 0.3603306, -0.3825765],
  maxPool2d: [
    0.8792731, 0.9916648, 0.8591618, 0.7984871, 0.9997929, 0.3967406, 0.8792731, 0.06809419, 0.5290827, 0.5521674,
    0.04069326, 0.8920117,
  ],
  upsample2d: [
    0, 0, 0.4941134, 0.4941134, 0.8591618, 0.8591618, 0.9997929, 0.9997929, 0, 0, 0.4941134, 0.4941134, 0.8591618,
    0.8591618, 0.9997929, 0.9997929, 0.8792731, 0.8792731, 0.5290827, 0.5290827, 0.04069326, 0.04069326, -0.4583255,
    -0.4583255, 0.8792731, 0.8792731, 0.5290827, 0.5290827, 0.04069326, 0.04069326, -0.4583255, -0.4583255, -0.8376273,
    -0.8376273, -0.9981366, -0.9981366, -0.8979277, -0.8979277, -0.5631755, -0.5631755, -0.8376273, -0.8376273,
    -0.9981366, -0.9981366, -0.8979277, -0.8979277, -0.5631755, -0.5631755,
  ],
  reflectionPad2d: [
    0.5290827, 0.8792731, 0.5290827, 0.04069326, -0.4583255, 0.04069326, 0.4941134, 0, 0.4941134, 0.8591618, 0.9997929,
    0.8591618, 0.5290827, 0.8792731, 0.5290827, 0.04069326, -0.4583255, 0.04069326, -0.9981366, -0.8376273, -0.9981366,
    -0.8979277, -0.5631755, -0.8979277, 0.5290827, 0.8792731, 0.5290827, 0.04069326, -0.4583255, 0.04069326,
  ],
};
const key = random.key("images");
const channels = (count: number): tf.Tensor => tf.slice(wave(0, 1, 3, 4, 4), [0, 0, 0, 0], [1, 3, 4, count]);

describe.each(enginesOnThisMachine)("layers of images on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([
    ["pointwise", conv2d({ in: 4, out: 4, kernel: 1 }), [1, 1, 4, 4]],
    ["grouped", conv2d({ in: 4, out: 4, kernel: 3, padding: 1, groups: 2 }), [3, 3, 2, 4]],
    ["depthwise", conv2d({ in: 4, out: 8, kernel: 2, stride: 2, padding: 0, groups: 4 }), [2, 2, 1, 8]],
  ] as const)("conv2d, %s, has the values of PyTorch", async (name, layer, shape) => {
    expect(layer.init(key).weight.shape).toEqual(shape);
    const params = { weight: wave(1, ...shape), bias: wave(2, shape[3]) };
    const y = await compile(layer.apply)(params, wave(0, 1, 3, 4, 4));
    expect(relativeError(valuesOf(y), golden[name])).toBeLessThan(1e-6);
  });

  it.each([
    ["averagePool2d", averagePool2d({ size: 2 }), 2, [1, 1, 2, 2]],
    ["maxPool2d", maxPool2d({ size: 2, stride: 1 }), 2, [1, 2, 3, 2]],
    ["upsample2d", upsample2d({ factor: 2 }), 1, [1, 6, 8, 1]],
    ["reflectionPad2d", reflectionPad2d({ size: 1 }), 1, [1, 5, 6, 1]],
  ] as const)("%s has the values of PyTorch", async (name, layer, count, shape) => {
    const y = await compile(layer.apply)([], channels(count));
    expect(y.shape).toEqual(shape);
    expect(relativeError(valuesOf(y), golden[name])).toBeLessThan(1e-6);
  });

  it.each<[string, Layer, number[]]>([
    ["conv2d of two groups", conv2d({ in: 4, out: 2, kernel: 2, groups: 2 }) as Layer, [1, 3, 3, 4]],
    ["depthwise conv2d", conv2d({ in: 2, out: 4, kernel: 2, groups: 2 }) as Layer, [1, 3, 3, 2]],
    ["1x1 conv2d", conv2d({ in: 2, out: 2, kernel: 1 }) as Layer, [1, 2, 2, 2]],
    ["averagePool2d", averagePool2d({ size: 2, stride: 1 }) as Layer, [1, 3, 3, 2]],
    ["upsample2d", upsample2d({ factor: 2 }) as Layer, [1, 2, 3, 2]],
    ["reflectionPad2d", reflectionPad2d({ size: 2 }) as Layer, [1, 3, 4, 1]],
  ])("%s has right first and second derivatives", async (_name, layer, shape) => {
    expect(await derivativeError(layer, shape)).toBeLessThan(1e-3);
  });

  it("maxPool2d has the gradient of the largest value, and refuses second derivatives by name", async () => {
    const layer = maxPool2d({ size: 2 });
    const loss = (x: tf.Tensor): tf.Tensor => tf.sum(tf.mul(wave(1, 1, 2, 2, 1), tf.square(layer.apply([], x))));
    const x = wave(0, 1, 4, 4, 1);
    const { grad } = await compile(valueAndGrad(loss))(x);
    const numeric = numericGradient(
      (values) => valuesOf(loss(tf.tensor(values, x.shape)))[0]!,
      x.dataSync() as Float32Array,
      0.01,
    );
    expect(relativeError(valuesOf(grad), numeric)).toBeLessThan(1e-4);
    const twice = (at: tf.Tensor): tf.Tensor => tf.sum(tf.square(valueAndGrad(loss)(at).grad));
    expect(() => valueAndGrad(twice)(x)).toThrow(EngineError);
    expect(() => valueAndGrad(twice)(x)).toThrow(/"MaxPool" cannot be differentiated again/);
  });
});

describe("layers of images", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("pooling after upsampling gives the image back", () => {
    const x = wave(0, 2, 3, 2, 3);
    const large = upsample2d({ factor: 4 }).apply([], x);
    expect(relativeError(valuesOf(averagePool2d({ size: 4 }).apply([], large)), valuesOf(x))).toBeLessThan(1e-6);
    expect(valuesOf(maxPool2d({ size: 4 }).apply([], large))).toEqual(valuesOf(x));
  });

  it("pooling drops what is left over at the end", () => {
    const x = tf.tensor4d([1, 3, 100, 5, 7, 100, 100, 100, 100], [1, 3, 3, 1]);
    expect(valuesOf(averagePool2d({ size: 2 }).apply([], x))).toEqual([4]);
  });

  it("a group never sees the channels of another", () => {
    const layer = conv2d({ in: 4, out: 6, kernel: 3, groups: 2 });
    const params = layer.init(key);
    const change = tf.concat([tf.zeros([1, 3, 3, 2]), tf.ones([1, 3, 3, 2])], 3);
    const moved = tf.sub(
      layer.apply(params, tf.add(wave(0, 1, 3, 3, 4), change)),
      layer.apply(params, wave(0, 1, 3, 3, 4)),
    );
    const largest = valuesOf(tf.max(tf.abs(moved), [0, 1, 2]));
    expect(largest.slice(0, 3)).toEqual([0, 0, 0]);
    expect(Math.min(...largest.slice(3))).toBeGreaterThan(1e-3);
  });

  it("starts a grouped convolution as PyTorch: uniform in ±1/√(in/groups k²)", () => {
    const weight = valuesOf(conv2d({ in: 64, out: 64, kernel: 3, groups: 16 }).init(key).weight).map(Math.abs);
    expect(Math.max(...weight)).toBeLessThanOrEqual(1 / 6);
    // The largest of 2304 uniform numbers, with a false-alarm rate of 1e-10.
    expect(Math.max(...weight)).toBeGreaterThan(0.99 / 6);
  });

  it.each([
    [() => conv2d({ in: 4, out: 6, kernel: 3, groups: 4 }), /groups is 4 for 4 input and 6 output channels/],
    [() => conv2d({ in: 4, out: 4, kernel: 3, groups: 0 }), /groups is 0/],
    [() => averagePool2d({ size: 0 }), /size is 0/],
    [() => maxPool2d({ size: 2, stride: 1.5 }), /stride is 1.5/],
    [
      () => maxPool2d({ size: 3 }).apply([], wave(0, 1, 2, 4, 1)),
      /maxPool2d is an image of 2x4, expected sides of at least 3/,
    ],
    [() => averagePool2d({ size: 2 }).apply([], wave(0, 4, 4)), /the input of averagePool2d has shape \[4,4\]/],
    [() => upsample2d({ factor: -1 }), /factor is -1/],
    [() => reflectionPad2d({ size: 3 }).apply([], wave(0, 1, 3, 3, 1)), /sides of at least 4/],
  ])("refuses bad options and images (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
