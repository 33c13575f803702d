/** Self-attention compared with PyTorch, its symmetry, and its derivatives. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { selfAttention, type SelfAttentionParams } from "@ergodic/nn";
import { derivativeError, enginesOnThisMachine, relativeError, valuesOf, wave } from "./support.js";

// import torch; torch.set_default_dtype(torch.float64)
// numbers = lambda shape: torch.arange(torch.Size(shape).numel())
// wave = lambda shift, *shape: torch.sin(numbers(shape) * 1.7 + shift).reshape(shape)
// P, O, x = wave(0., 4, 12), wave(1., 4, 4), wave(2., 2, 2, 3, 4)
// for t in (P, O, x): t.requires_grad_()
// names = {"in_proj_weight": P.T, "in_proj_bias": wave(3., 12),
//   "out_proj.weight": O.T, "out_proj.bias": wave(4., 4)}
// f = x.reshape(2, 6, 4); net = torch.nn.MultiheadAttention(4, 2, batch_first=True)
// y, _ = torch.func.functional_call(net, names, (f, f, f))
// print(y, torch.autograd.grad((y * wave(5., 2, 6, 4)).sum(), (P, O, x)))
const golden = {
  y: [
    -0.5860267, -0.8747452, 0.8114388, 0.6656463, -0.7599022, -1.571781, 1.164933, 1.27159, -1.032529, -2.385648,
    1.647285, 1.961161, -1.235861, -3.063961, 2.02541, 2.542036, -1.3122, -3.437193, 2.197927, 2.870811, -1.334431,
    -3.585491, 2.258373, 3.003533, -1.465039, -3.21688, 2.293994, 2.625743, -1.445399, -2.880393, 2.187645, 2.316661,
    -1.369315, -2.410551, 1.990488, 1.897624, -1.185121, -1.751662, 1.636505, 1.329953, -0.9168945, -0.9804309,
    1.169541, 0.6790531, -0.7487982, -0.4842001, 0.8735713, 0.2590904,
  ],
  project: [
    -0.3990552, -7.226001, -2.866866, -4.942349, 1.67645, -3.88183, 7.711286, -5.767078, -7.739369, -7.14514, -4.306942,
    -0.6829476, 0.4856347, 0.9408788, 2.879852, 7.786451, -0.07941568, 1.068105, -2.570518, -0.1800021, -0.8738095,
    4.463174, 8.662817, 10.65777, 0.2739125, 6.983547, 2.12476, 2.935867, -1.655985, 3.606591, -7.048892, 5.813463,
    7.96454, 5.995029, 2.07463, -2.063443, -0.556219, -2.740462, -3.427379, -8.542991, 0.5061448, -1.997484, 4.38694,
    -1.318063, -1.178565, -6.008027, -9.197427, -10.12605,
  ],
  output: [
    -3.309231, -8.953823, 5.616533, 7.506504, -6.906903, 6.101708, 5.33456, -7.476366, 4.826286, 7.597169, -6.783992,
    -5.849009, 5.439508, -8.113352, -3.348786, 8.976298,
  ],
  x: [
    0.1643774, -0.1468369, -0.1703539, 0.1399032, 0.7955239, -0.6844834, -0.8233836, 0.6509703, 1.228267, -1.345753,
    -1.283042, 1.293532, 1.454653, -0.8789969, -1.490429, 0.8183339, 2.521576, -0.04501296, -2.523408, -0.05769401,
    5.083825, -1.126861, -5.12969, 0.9180738, -0.4715043, 1.127154, 0.5173814, -1.106095, -1.53333, 2.1957, 1.622699,
    -2.129654, -2.491542, 0.5782313, 2.515077, -0.4758634, -3.205139, -0.9366091, 3.167018, 1.065512, -3.265012,
    -0.3155599, 3.252169, 0.4479287, -2.420893, 0.3155456, 2.433736, -0.2164884,
  ],
};

const layer = selfAttention({ channels: 4, heads: 2 });
const paramsOf = (): SelfAttentionParams => ({
  project: { weight: wave(0, 4, 12), bias: wave(3, 12) },
  output: { weight: wave(1, 4, 4), bias: wave(4, 4) },
});

describe.each(enginesOnThisMachine)("selfAttention on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("has the values and gradients of PyTorch's MultiheadAttention", async () => {
    type All = { readonly params: SelfAttentionParams; readonly x: tf.Tensor };
    const run = compile((all: All, mix: tf.Tensor) =>
      valueAndGrad(
        ({ params, x }: All) => {
          const y = layer.apply(params, x);
          return [tf.sum(tf.mul(y, mix)), y] as const;
        },
        { hasAux: true },
      )(all),
    );
    const { grad, aux } = await run({ params: paramsOf(), x: wave(2, 2, 2, 3, 4) }, wave(5, 2, 2, 3, 4));
    expect(aux.shape).toEqual([2, 2, 3, 4]);
    expect(relativeError(valuesOf(aux), golden.y)).toBeLessThan(2e-6);
    expect(relativeError(valuesOf(grad.params.project.weight), golden.project)).toBeLessThan(4e-6);
    expect(relativeError(valuesOf(grad.params.output.weight), golden.output)).toBeLessThan(4e-6);
    expect(relativeError(valuesOf(grad.x), golden.x)).toBeLessThan(4e-6);
  });

  it("moves with its positions: rearranged inputs give rearranged outputs", async () => {
    const order = [3, 1, 0, 2, 4];
    const x = wave(2, 1, 5, 4);
    const run = compile(layer.apply);
    const there = await run(paramsOf(), tf.gather(x, order, 1));
    const y = await run(paramsOf(), x);
    expect(relativeError(valuesOf(there), valuesOf(tf.gather(y, order, 1)))).toBeLessThan(1e-6);
  });

  it("has right first and second derivatives", async () => {
    expect(await derivativeError(selfAttention({ channels: 2 }), [1, 1, 3, 2])).toBeLessThan(1e-3);
    expect(await derivativeError(selfAttention({ channels: 2, heads: 2 }), [2, 2, 2])).toBeLessThan(1e-3);
  });
});

describe("selfAttention", () => {
  it("refuses heads that do not divide, and other channels", async () => {
    await useEngine("cpu");
    expect(() => selfAttention({ channels: 4, heads: 3 })).toThrow(ValidationError);
    expect(() => layer.apply(layer.init(random.key(0)), wave(0, 1, 2, 2, 3))).toThrow(/the input of selfAttention/);
  });
});
