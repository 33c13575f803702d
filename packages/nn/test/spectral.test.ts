/**
 * Spectral normalisation compared with PyTorch, singular values of known matrices, and the laws of
 * its two forms.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, trainedPart, tree, ValidationError } from "@ergodic/tensor";
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  dense,
  initializers,
  leakyRelu,
  sequential,
  spectral,
  trainedGradient,
  type AffineLayer,
  type AffineParams,
  type SpectralParams,
} from "@ergodic/nn";
import { enginesOnThisMachine, relativeError, valuesOf, wave } from "./support.js";

// import torch; from torch.nn.utils import spectral_norm; torch.set_default_dtype(torch.float64)
// numbers = lambda shape: torch.arange(torch.Size(shape).numel())
// wave = lambda shift, *shape: torch.sin(numbers(shape) * 1.7 + shift).reshape(shape)
// def case(layer, W, dim, x):
//     layer = spectral_norm(layer, eps=1e-12, dim=dim)
//     layer.weight_orig.data, layer.bias.data = W, wave(2., 2)
//     layer.weight_u = wave(1., 2) / wave(1., 2).norm()
//     y = layer(x); y = y.permute(0, 2, 3, 1) if y.ndim == 4 else y
//     g, = torch.autograd.grad((y * wave(3., *y.shape)).sum(), layer.weight_orig)
//     print(y, g.T if g.ndim == 2 else g.permute(2, 3, 1, 0), layer.weight_u)
// x = wave(4., 1, 2, 3, 3).permute(0, 3, 1, 2)
// case(torch.nn.Linear(3, 2), wave(0., 3, 2).T, 0, wave(4., 2, 3))
// case(torch.nn.Conv2d(3, 2, 2), wave(0., 2, 2, 3, 2).permute(3, 2, 0, 1), 0, x)
// case(torch.nn.ConvTranspose2d(3, 2, 2), wave(0., 2, 2, 2, 3).permute(3, 2, 0, 1), 1, x)
const golden = {
  dense: {
    y: [1.279448, -0.2279453, 1.04722, 0.2117783],
    weight: [-0.08290162, 0.5583832, -0.06558651, -0.0857812, 0.006004261, -0.8176378],
    u: [0.3162635, 0.9486714],
  },
  conv2d: {
    y: [0.6617242, -0.6500283, 0.6866509, -0.02987434],
    weight: [
      -0.07140796, 0.439063, -0.02200019, -0.1474984, -0.02355067, -0.4407971, 0.1528088, 0.3103527, -0.1563951,
      0.3053053, 0.03455572, -0.3309442, -0.08520909, -0.4940184, 0.1567494, 0.009539288, -0.06464004, 0.4483306,
      -0.05942052, -0.09320796, 0.03342179, -0.442689, 0.06010698, 0.2109566,
    ],
    u: [0.9300881, 0.3673364],
  },
  convTranspose2d: {
    y: [
      0.6360677, -0.1261425, 1.151053, -0.7897021, 1.042872, -0.7751109, 0.4177045, -0.2759523, 0.7070729, -1.160898,
      1.053531, 0.1335754, 1.190764, -0.1369504, 1.004549, -1.270404, 1.253405, -0.08139973, 0.4808001, -0.9059623,
      0.7260987, -0.6332694, 1.278, 0.1397395,
    ],
    weight: [
      -0.1813858, 0.121577, 0.1500567, -0.08436064, -0.1100853, 0.1127284, 0.1565252, -0.07679567, -0.1367358,
      0.006865124, 0.1217478, -0.03823819, -0.1079288, -0.07384024, 0.1269566, 0.1500272, -0.1071383, -0.1224188,
      0.07881491, 0.1466318, -0.1166003, -0.1841139, 0.1077085, 0.1563586,
    ],
    u: [0.8044039, 0.5940828],
  },
};

const withWeight = (weight: tf.Tensor, direction: tf.Tensor): SpectralParams => {
  const outputs = direction.size;
  const unit = tf.reshape(tf.div(direction, tf.norm(direction)), [outputs, 1]);
  return { weight, bias: tf.zeros([outputs]), $fixed: { direction: unit } };
};
/** The effective weight of `layer`: its values at the rows of the identity. */
const effective = (form: "standard" | "capped", params: SpectralParams): number[] => {
  const [features, out] = params.weight.shape as [number, number];
  const linear = { ...params, bias: tf.zeros([out]) };
  return valuesOf(spectral(dense({ in: features, out }), { form }).apply(linear, tf.eye(features)));
};
/** The largest singular value, by two hundred iterations in float64. */
function largestSingularValue(values: readonly number[], columns: number): number {
  const rows = values.length / columns;
  const unit = (z: readonly number[]): number[] => z.map((x) => x / Math.hypot(...z));
  let u: readonly number[] = unit(Array.from({ length: columns }, (_, i) => 1 + Math.sin(i)));
  let norm = 0;
  for (let n = 0; n < 200; n++) {
    const v = Array.from({ length: rows }, (_, r) => u.reduce((sum, x, c) => sum + x * values[r * columns + c]!, 0));
    norm = Math.hypot(...v);
    u = unit(u.map((_, c) => v.reduce((sum, x, r) => sum + x * values[r * columns + c]!, 0)));
  }
  return norm;
}

describe.each(enginesOnThisMachine)("spectral on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each<["dense" | "conv2d" | "convTranspose2d", AffineLayer, number[], number[]]>([
    ["dense", dense({ in: 3, out: 2 }), [3, 2], [2, 3]],
    ["conv2d", conv2d({ in: 3, out: 2, kernel: 2, padding: 0 }), [2, 2, 3, 2], [1, 2, 3, 3]],
    ["convTranspose2d", convTranspose2d({ in: 3, out: 2, kernel: 2 }), [2, 2, 2, 3], [1, 2, 3, 3]],
  ])(
    "around %s has the values, gradient and vector of PyTorch's spectral_norm",
    async (name, inner, weightShape, inputShape) => {
      const [weight, x] = [wave(0, ...weightShape), wave(4, ...inputShape)];
      const layer = spectral(inner, { form: "standard" });
      const params = { ...withWeight(weight, wave(1, 2)), bias: wave(2, 2) };
      const run = compile((p: SpectralParams, input: tf.Tensor) => {
        const loss = (q: SpectralParams) => {
          const y = layer.apply(q, input);
          return [tf.sum(tf.mul(y, wave(3, ...y.shape))), y] as const;
        };
        return { ...trainedGradient(loss, { hasAux: true })(p), refreshed: layer.refresh!(p, input) };
      });
      const { grad, aux, refreshed } = await run(params, x);
      expect(relativeError(valuesOf(aux), golden[name].y)).toBeLessThan(2e-6);
      expect(relativeError(valuesOf(grad.weight), golden[name].weight)).toBeLessThan(4e-6);
      expect(relativeError(valuesOf(refreshed.$fixed.direction), golden[name].u)).toBeLessThan(2e-6);
      expect(valuesOf(refreshed.weight)).toEqual(valuesOf(weight));
      expect(tree.paths(trainedPart(refreshed))).toEqual(["bias", "weight"]);
    },
  );

  it("standard: a Gaussian matrix is up to 1.5 at first and of norm 1 after two hundred refreshes", async () => {
    const layer = spectral(dense({ in: 64, out: 32, init: { weight: initializers.normal(1) } }), { form: "standard" });
    const refresh = compile(layer.refresh!);
    const input = tf.zeros([1, 64]);
    let params = layer.init(random.key(5));
    const norms: number[] = [];
    for (let i = 0; i <= 200; i++) {
      if (i % 100 === 0) norms.push(largestSingularValue(effective("standard", params), 32));
      params = await refresh(params, input);
    }
    // σ never exceeds the largest singular value, so the norm never falls below 1.
    norms.forEach((norm) => expect(norm).toBeGreaterThan(1 - 1e-5));
    expect(norms[0]).toBeGreaterThan(1.1);
    expect(norms[0]).toBeLessThan(1.5);
    expect(norms[2]).toBeLessThan(1.001);
  });

  it("capped: norms above 1 become 1, norms below 1 stay to the last bit", () => {
    // A diagonal matrix and its first singular vector: σ is the first entry.
    const first = tf.tensor1d([1, 0]);
    const diagonal = (a: number, b: number): SpectralParams => withWeight(tf.tensor2d([a, 0, 0, b], [2, 2]), first);
    expect(relativeError(effective("capped", diagonal(4, 2)), [1, 0, 0, 0.5])).toBeLessThan(1e-6);
    expect(effective("capped", diagonal(0.75, 0.5))).toEqual([0.75, 0, 0, 0.5]);
    expect(effective("capped", diagonal(1e-7, 1e-8))).toEqual(valuesOf(tf.tensor1d([1e-7, 0, 0, 1e-8])));
    expect(relativeError(effective("standard", diagonal(1e-7, 1e-8)), [1, 0, 0, 0.1])).toBeLessThan(1e-6);
  });

  it("keeps the near-zero start of a branch capped, and its vector alive", async () => {
    const weight = initializers.scaled(initializers.xavierUniform, 1e-5);
    const layer = spectral(conv2d({ in: 16, out: 16, kernel: 3, init: { weight } }), { form: "capped" });
    const params = layer.init(random.key(6));
    let moved = params;
    for (let i = 0; i < 50; i++) moved = layer.refresh!(moved, tf.zeros([1, 4, 4, 16]));
    expect(relativeError([tf.norm(moved.$fixed.direction).dataSync()[0]!], [1])).toBeLessThan(1e-6);
    expect(largestSingularValue(valuesOf(params.weight), 16)).toBeLessThan(1e-3);
    const x = random.normal(random.key(7), [1, 4, 4, 16]);
    expect(valuesOf(await compile(layer.apply)(moved, x))).toEqual(
      valuesOf(await compile(conv2d({ in: 16, out: 16, kernel: 3 }).apply)(params, x)),
    );
  });

  it("leaves weights of zeros finite, and their vector ready for better ones", async () => {
    const layer = spectral(dense({ in: 3, out: 2, init: { weight: initializers.zeros } }), { form: "standard" });
    const params = layer.init(random.key(8));
    const run = compile((p: SpectralParams, x: tf.Tensor) =>
      trainedGradient((q: SpectralParams) => tf.sum(tf.square(layer.apply(q, x))))(p),
    );
    const { grad } = await run(params, wave(0, 4, 3));
    expect(valuesOf(grad.weight).every((slope) => Math.abs(slope) < 10)).toBe(true);
    const refreshed = layer.refresh!(params, wave(0, 4, 3));
    expect(valuesOf(refreshed.$fixed.direction)).toEqual(valuesOf(params.$fixed.direction));
  });

  it("is invariant to the scale of the weight, so that the gradient is orthogonal to it", async () => {
    const layer = spectral(dense({ in: 4, out: 3 }), { form: "standard" });
    const params = layer.init(random.key(9));
    const run = compile((p: SpectralParams, x: tf.Tensor) =>
      trainedGradient((q: SpectralParams) => tf.sum(tf.square(layer.apply(q, x))))(p),
    );
    const { grad } = await run(params, wave(0, 5, 4));
    const [w, g] = [valuesOf(params.weight), valuesOf(grad.weight)];
    const along = w.reduce((sum, value, i) => sum + value * g[i]!, 0);
    expect(Math.abs(along) / (Math.hypot(...w) * Math.hypot(...g))).toBeLessThan(1e-5);
  });

  it("differentiates twice in input, weight and bias as the formula with constant v and w", async () => {
    const inner = dense({ in: 3, out: 2 });
    const layer = spectral(inner, { form: "standard" });
    const params = layer.init(random.key(10));
    const unit = (z: tf.Tensor): tf.Tensor => tf.div(z, tf.norm(z));
    const v = unit(tf.matMul(params.weight, params.$fixed.direction));
    const w = unit(tf.matMul(params.weight, v, true));
    const byHand = ({ weight, bias }: AffineParams, x: tf.Tensor): tf.Tensor =>
      inner.apply({ weight: tf.div(weight, tf.sum(tf.mul(v, tf.matMul(weight, w)))), bias }, x);
    type All = { readonly affine: AffineParams; readonly x: tf.Tensor };
    const second = (apply: (p: AffineParams, x: tf.Tensor) => tf.Tensor) =>
      compile((all: All) =>
        valueAndGrad(({ affine, x }: All) =>
          tf.sum(
            tf.square(
              valueAndGrad((at: tf.Tensor) => tf.sum(tf.mul(wave(0, 4, 2), tf.exp(apply(affine, at)))))(x).grad,
            ),
          ),
        )(all),
      );
    const all: All = { affine: { weight: params.weight, bias: params.bias }, x: wave(2, 4, 3) };
    const expected = await second(byHand)(all);
    const actual = await second((p, x) => layer.apply({ ...p, $fixed: params.$fixed }, x))(all);
    tree.leaves(expected.grad).forEach((leaf, i) => {
      expect(relativeError(valuesOf(tree.leaves(actual.grad)[i]!), valuesOf(leaf))).toBeLessThan(1e-5);
    });
  });

  it("sequential passes inputs on to the layers that refresh", async () => {
    const network = sequential(
      dense({ in: 3, out: 4 }),
      batchNorm({ channels: 4 }),
      leakyRelu(),
      spectral(dense({ in: 4, out: 2 }), { form: "standard" }),
      batchNorm({ channels: 2 }),
    );
    const params = network.init(random.key(11));
    const x = wave(0, 6, 3);
    const moved = await compile(network.refresh!)(params, x);
    // By hand: the second normalisation receives the output of the first with batch statistics.
    const hidden = dense({ in: 3, out: 4 }).apply(params[0], x);
    const first = batchNorm({ channels: 4 });
    const spectrally = spectral(dense({ in: 4, out: 2 }), { form: "standard" });
    const direction = spectrally.refresh!(params[3], hidden);
    const output = spectrally.apply(direction, tf.leakyRelu(first.apply(params[1], hidden, {}), 0.2));
    const expected = batchNorm({ channels: 2 }).refresh!(params[4], output).$fixed;
    expect(
      relativeError(valuesOf(moved[1].$fixed.mean), valuesOf(first.refresh!(params[1], hidden).$fixed.mean)),
    ).toBeLessThan(1e-5);
    expect(relativeError(valuesOf(moved[3].$fixed.direction), valuesOf(direction.$fixed.direction))).toBeLessThan(1e-5);
    expect(relativeError(valuesOf(moved[4].$fixed.mean), valuesOf(expected.mean))).toBeLessThan(1e-5);
    expect(relativeError(valuesOf(moved[4].$fixed.variance), valuesOf(expected.variance))).toBeLessThan(1e-5);
    expect(valuesOf(moved[0].weight)).toEqual(valuesOf(params[0].weight));
    expect(sequential(dense({ in: 3, out: 4 }), leakyRelu()).refresh).toBeUndefined();
  });
});

describe("spectral", () => {
  it("refuses other forms and other layers", () => {
    const noLayer = leakyRelu() as unknown as AffineLayer;
    expect(() => spectral(noLayer, { form: "standard" })).toThrow(/outputAxis is undefined.*dense or convolutional/);
    expect(() => spectral(dense({ in: 1, out: 1 }), { form: "soft" as "capped" })).toThrow(ValidationError);
  });
});
