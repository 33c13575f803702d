/** Normalising layers compared with PyTorch, and their defining laws. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { batchNorm, groupNorm, initializers, instanceNorm, layerNorm, type Layer, type NormParams } from "@ergodic/nn";
import { enginesOnThisMachine, relativeError, derivativeError, valuesOf, wave } from "./support.js";

// import torch; from torch.nn import functional as F; torch.set_default_dtype(torch.float64)
// numbers = lambda shape: torch.arange(torch.Size(shape).numel())
// wave = lambda shift, *shape: torch.sin(numbers(shape) * 1.7 + shift).reshape(shape)
// x, s, o, mix = wave(0., 2, 1, 3, 4) + 1, wave(1., 4), wave(2., 4), wave(3., 2, 1, 3, 4)
// for t in (x, s, o): t.requires_grad_()
// n = lambda t: t.permute(0, 3, 1, 2)
// m, v = torch.zeros(4), torch.ones(4)
// cases = [F.group_norm(n(x), 2, s, o), F.instance_norm(n(x), None, None, s, o),
//   n(F.layer_norm(x, (4,), s, o)),
//   F.batch_norm(n(x), m, v, s, o, True), F.batch_norm(n(x), m, v, s, o)]  # the fourth moves m, v
// for y in cases: y = y.permute(0, 2, 3, 1); print(y, torch.autograd.grad((y * mix).sum(), (x, s)))
const golden = {
  groupNorm: {
    y: [
      -0.5743062, -0.01691121, -1.842056, 0.9207085, 0.6681237, -0.2636158, -0.4692128, 0.7387337, 1.586025, -0.7766808,
      0.3388059, 0.4612636, 1.918401, -0.673495, 0.5087799, 0.6452771, 1.777926, -0.9558744, 0.1943906, 0.5428613,
      1.369754, -1.147696, -0.3657004, 0.4903834,
    ],
    input: [
      0.1752797, 0.4099364, -0.05112887, 1.132113, -0.1710523, 0.2053026, -0.5943955, 0.6370368, -0.5196068, -0.0998596,
      -1.040796, -0.08282956, 0.003671451, 0.1348815, -0.08407965, 0.1896793, -0.04765577, -0.0004583232, -0.04991199,
      -0.03062731, -0.02064775, -0.06979111, 0.1075832, -0.1326436,
    ],
    scale: [-3.273364, -3.113852, -3.478387, -2.67805],
  },
  instanceNorm: {
    y: [
      -0.1688045, -0.07679782, -2.024855, 0.9351252, 1.012118, -0.4099409, -0.5737577, 0.7596618, 1.884578, -1.10277,
      0.2803192, 0.4921202, 1.739835, 0.02353575, 0.2698555, 0.9718576, 1.23193, -0.5960709, -0.557288, 0.6818301,
      -0.2438731, -1.016973, -2.030861, 0.5332195,
    ],
    input: [
      -0.01415161, 0.02277331, -0.02019399, 0.005289184, 0.0335163, -0.0338286, 0.05492439, -0.008790225, -0.01936469,
      0.01105528, -0.0347304, 0.00350104, 0.07477391, 0.007813762, 0.03791127, 0.004401514, -0.10078, -0.01944721,
      -0.05939067, -0.01310549, 0.02600607, 0.01163345, 0.0214794, 0.00870398,
    ],
    scale: [-1.579409, -1.679543, -1.692527, -1.745698],
  },
  layerNorm: {
    y: [
      0.9672451, 0.1150404, -0.4851729, 0.9613271, 1.545342, -0.01032191, 0.2239927, 0.8972873, 1.931002, -0.3025593,
      0.6283938, 0.7788013, 1.998584, -0.6358475, 0.6063671, 0.6555902, 1.807643, -0.9147107, 0.2666667, 0.5604231,
      1.428518, -1.106471, -0.2886393, 0.5029161,
    ],
    input: [
      0.3983213, -0.197196, 0.0139341, -0.2150594, 0.04758517, -0.05590042, -0.3213187, 0.3296339, -0.4727529,
      0.2599115, -0.4120826, 0.624924, -0.6895918, 0.6170886, -0.548865, 0.6213682, -0.6212387, 0.6680511, -0.6483863,
      0.601574, -0.5146493, 0.4498445, -0.4824144, 0.5472192,
    ],
    scale: [-3.888083, -4.397702, -4.552429, -3.880547],
  },
  batchNorm: {
    y: [
      -0.6611998, 0.01966599, -2.091337, 0.988784, 0.5766351, -0.09900458, -0.6133182, 0.9085764, 1.491141, -0.3458006,
      0.2566039, 0.7862781, 1.843445, -0.6562578, 0.2912014, 0.653834, 1.541523, -0.9492831, -0.5185629, 0.5458392,
      0.6642391, -1.148337, -1.961174, 0.4905025,
    ],
    input: [
      0.07640876, 0.0350042, 0.4287269, 0.01327303, 0.1986611, -0.003915155, 0.3313421, -0.002768406, 0.1966371,
      -0.02693508, 0.137673, -0.01179599, 0.07086528, -0.02804266, -0.101693, -0.01145167, -0.145802, -0.00694858,
      -0.3242324, -0.001825387, -0.3967702, 0.03083727, -0.4718166, 0.01456842,
    ],
    scale: [-2.269416, -4.058614, -1.723863, -4.20447],
    mean: [0.1626904, 0.1097159, 0.03480593, 0.1070839],
    variance: [0.9135378, 0.9580802, 0.9098197, 0.9585937],
  },
  batchNormEval: {
    y: [
      1.646454, 0.2918741, -1.480745, 0.73509, 2.081465, 0.2075275, -1.037459, 0.6778453, 2.402848, 0.03211396,
      -0.7765521, 0.5905602, 2.526658, -0.1885475, -0.7661757, 0.496034, 2.420554, -0.396819, -1.00904, 0.4189574,
      2.112251, -0.5382991, -1.441707, 0.3794632,
    ],
    input: [
      0.1242402, -0.4365938, -0.1162745, -0.1804521, -0.3226434, -0.3822463, -0.5906782, -0.1344951, -0.6852509,
      -0.2280542, -0.9107938, -0.05340735, -0.8688674, -0.01429316, -0.9930055, 0.04163067, -0.8255314, 0.2032013,
      -0.8158391, 0.1257946, -0.5665625, 0.3676186, -0.4255715, 0.1771003,
    ],
    scale: [-6.269371, -4.017686, 0.7510553, -2.874687],
  },
};
const channels = 4;
const affine = (): NormParams => ({ scale: wave(1, 4), offset: wave(2, 4) });
const image = (): tf.Tensor => tf.add(wave(0, 2, 1, 3, 4), 1);

describe.each(enginesOnThisMachine)("normalisation on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([
    ["groupNorm", groupNorm({ channels, groups: 2 }), {}],
    ["instanceNorm", instanceNorm({ channels }), {}],
    ["layerNorm", layerNorm({ channels }), {}],
    ["batchNorm", batchNorm({ channels }), {}],
    ["batchNormEval", batchNorm({ channels }), undefined],
  ] as const)("%s has the values and gradients of PyTorch", async (name, layer, learning) => {
    const running = golden.batchNorm;
    const $fixed = { mean: tf.tensor1d(running.mean), variance: tf.tensor1d(running.variance) };
    const run = compile((params: NormParams, x: tf.Tensor, mix: tf.Tensor) =>
      valueAndGrad(
        (all: { params: NormParams; x: tf.Tensor }) => {
          const y = (layer as Layer<NormParams>).apply({ ...all.params, ...{ $fixed } }, all.x, learning);
          return [tf.sum(tf.mul(y, mix)), y] as const;
        },
        { hasAux: true },
      )({ params, x }),
    );
    const { grad, aux } = await run(affine(), image(), wave(3, 2, 1, 3, 4));
    expect(relativeError(valuesOf(aux), golden[name].y)).toBeLessThan(2e-6);
    // The gradient in the input is the small remainder of larger numbers that cancel.
    expect(relativeError(valuesOf(grad.x), golden[name].input)).toBeLessThan(2e-5);
    expect(relativeError(valuesOf(grad.params.scale), golden[name].scale)).toBeLessThan(2e-6);
  });

  it("batchNorm's refresh moves the running statistics as PyTorch does, and nothing else", async () => {
    const layer = batchNorm({ channels });
    const params = layer.init(random.key(0));
    const moved = await compile(layer.refresh!)(params, image());
    expect(relativeError(valuesOf(moved.$fixed.mean), golden.batchNorm.mean)).toBeLessThan(1e-6);
    expect(relativeError(valuesOf(moved.$fixed.variance), golden.batchNorm.variance)).toBeLessThan(1e-6);
    expect(valuesOf(moved.scale)).toEqual([1, 1, 1, 1]);
    expect(valuesOf(moved.offset)).toEqual([0, 0, 0, 0]);
  });

  it("batchNorm's evaluation nears its learning as the running statistics near those of the data", async () => {
    const layer = batchNorm({ channels: 2 });
    const data = random.normal(random.key(1), [64, 2], { mean: 5, sd: 3 });
    let params = layer.init(random.key(0));
    for (let i = 0; i < 200; i++) params = layer.refresh!(params, data);
    const learned = valuesOf(layer.apply(params, data, {}));
    // The remaining error is 0.9^200 and Bessel's correction, sqrt(64/63) = 1.008.
    expect(relativeError(valuesOf(layer.apply(params, data)), learned)).toBeLessThan(0.009);
    expect(relativeError(valuesOf(layer.apply(layer.init(random.key(0)), data)), learned)).toBeGreaterThan(1);
  });

  it.each([
    ["groupNorm", groupNorm({ channels: 4, groups: 2 }), undefined],
    ["instanceNorm", instanceNorm({ channels: 4 }), undefined],
    ["layerNorm", layerNorm({ channels: 4 }), undefined],
    ["batchNorm, learning", batchNorm({ channels: 4 }), {}],
    ["batchNorm, evaluation", batchNorm({ channels: 4 }), undefined],
  ] as const)("%s has right first and second derivatives", async (_name, layer, learning) => {
    expect(await derivativeError(layer as Layer<NormParams>, [1, 2, 3, 4], learning)).toBeLessThan(1e-3);
  });
});

describe("normalisation", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  const apply = (layer: Layer<NormParams>, x: tf.Tensor): number[] =>
    valuesOf(layer.apply(layer.init(random.key(0)), x));

  it("group and instance normalisation ignore the scale and offset of an example, and the other examples", () => {
    const x = random.normal(random.key(2), [2, 3, 3, 4]);
    for (const layer of [groupNorm({ channels, groups: 2 }), instanceNorm({ channels })]) {
      const other = tf.concat([tf.add(tf.mul(tf.slice(x, 0, 1), 30), 7), tf.mul(tf.slice(x, 1, 1), 5)], 0);
      // They differ only by the effect of ε, which is 1e-5 for variances near 1.
      expect(relativeError(apply(layer, other), apply(layer, x))).toBeLessThan(3e-5);
    }
  });

  it("is finite where a group is constant", () => {
    expect(apply(groupNorm({ channels, groups: 1 }), tf.fill([1, 2, 2, 4], 3))).toEqual(Array(16).fill(0));
  });

  it("starts with the given scales", () => {
    const layer = instanceNorm({ channels: 1000, init: { scale: initializers.normal(0.02, 1) } });
    const scales = valuesOf(layer.init(random.key(4)).scale);
    const mean = scales.reduce((sum, value) => sum + value, 0) / 1000;
    expect(Math.abs(mean - 1)).toBeLessThan(6 * (0.02 / Math.sqrt(1000))); // false alarm 2e-9
  });

  it.each([
    [() => groupNorm({ channels: 6, groups: 4 }), /groups is 4 for 6 channels, expected a divisor/],
    [() => instanceNorm({ channels: 0 }), /channels is 0/],
    [() => layerNorm({ channels: 4, epsilon: 0 }), /epsilon is 0/],
    [() => layerNorm({ channels: 1 }), /1 value\(s\) per position/],
    [() => batchNorm({ channels: 4, memory: 1 }), /memory is 1/],
    [
      () => apply(instanceNorm({ channels }), tf.zeros([2, 4, 4, 3])),
      /the input of instanceNorm has shape \[2,4,4,3\]/,
    ],
    [() => apply(instanceNorm({ channels }), tf.zeros([2, 1, 1, 4])), /instanceNorm has 1 value\(s\) per channel/],
    [() => apply(groupNorm({ channels, groups: 4 }), tf.zeros([2, 4])), /groupNorm has 1 value\(s\) per group/],
    [
      () => batchNorm({ channels }).refresh!(batchNorm({ channels }).init(random.key(0)), tf.zeros([1, 4])),
      /per channel/,
    ],
  ])("refuses what cannot be normalised (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
