/**
 * Decoders: parameter counts and sizes of the papers' tables, values and latent gradients compared
 * with a float64 reference on the host.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import {
  celeba128Decoder,
  celeba64Decoder,
  cifar10Decoder,
  imageDecoder,
  mlpDecoder,
  mnist28Decoder,
  svhn32Decoder,
  type DecoderLayer,
  type VectorGenerator,
} from "@ergodic/generators";

const enginesOnThisMachine = ["cpu", "onnx"] as const;
const key = random.key("generators");
const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const leaky = (x: number): number => Math.max(x, 0.2 * x);

const relativeError = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / Math.max(...expected.map(Math.abs));

type Affine = { weight: tf.Tensor; bias: tf.Tensor };
const layersOf = (params: readonly TensorTree[]) =>
  (params.filter((layer) => "weight" in layer) as unknown as Affine[]).map(({ weight, bias }) => ({
    weight: valuesOf(weight),
    bias: valuesOf(bias),
  }));

type Host = (z: readonly number[]) => readonly number[];

/**
 * The image decoder of one latent vector in float64, with each transposed convolution by its
 * definition.
 */
function hostDecoder(params: readonly TensorTree[], shapes: readonly DecoderLayer[]): Host {
  const layers = layersOf(params);
  return (z) => {
    let [x, side] = [z as readonly number[], 1];
    layers.forEach(({ weight, bias }, n) => {
      const { kernel, stride, padding, channels: out } = shapes[n]!;
      const channels = x.length / (side * side);
      const next = (side - 1) * stride - 2 * padding + kernel;
      const y = Array.from({ length: next * next * out }, (_, i) => bias[i % out]!);
      for (let i = 0; i < side; i++)
        for (let j = 0; j < side; j++)
          for (let u = 0; u < kernel; u++)
            for (let v = 0; v < kernel; v++) {
              const [row, column] = [i * stride - padding + u, j * stride - padding + v];
              if (row < 0 || row >= next || column < 0 || column >= next) continue;
              for (let o = 0; o < out; o++)
                for (let c = 0; c < channels; c++) {
                  y[(row * next + column) * out + o]! +=
                    x[(i * side + j) * channels + c]! * weight[((u * kernel + v) * out + o) * channels + c]!;
                }
            }
      [x, side] = [y.map(n === layers.length - 1 ? Math.tanh : leaky), next];
    });
    return x;
  };
}

function hostMlp(params: readonly TensorTree[]): Host {
  const layers = layersOf(params);
  return (z) =>
    layers.reduce<readonly number[]>((x, { weight, bias }, n) => {
      const y = bias.map((b, o) => x.reduce((sum, v, i) => sum + v * weight[i * bias.length + o]!, b));
      return y.map(n === layers.length - 1 ? Math.tanh : leaky);
    }, z);
}

/**
 * Compares values, and the gradient of a fixed random mix of the pixels, with the reference and its
 * central differences in float64.
 */
async function checkAgainst(
  generator: VectorGenerator<readonly TensorTree[]>,
  hostOf: (params: readonly TensorTree[]) => Host,
) {
  const params = generator.init(key);
  const z = random.normal(random.key(1), [2, generator.latentDimension]);
  const mix = random.normal(random.key(2), [2, ...generator.outputShape]);
  const run = compile((p: readonly TensorTree[], latent: tf.Tensor, m: tf.Tensor) =>
    valueAndGrad(
      (u: tf.Tensor) => {
        const images = generator.apply(p, u);
        return [tf.sum(tf.mul(images, m)), images] as const;
      },
      { hasAux: true },
    )(latent),
  );
  const { grad, aux } = await run(params, z, mix);
  const host = hostOf(params);
  const latents = z.arraySync() as number[][];
  const size = generator.outputShape.reduce((product, side) => product * side, 1);
  const weights = valuesOf(mix);
  const h = 1e-6;
  const slopes = latents.flatMap((latent, n) => {
    const mixed = (u: number[]): number => host(u).reduce((sum, v, i) => sum + v * weights[n * size + i]!, 0);
    return latent.map((_, i) => {
      const at = (shift: number): number => mixed(latent.map((v, k) => (k === i ? v + shift : v)));
      return (at(h) - at(-h)) / (2 * h);
    });
  });
  expect(aux.shape).toEqual([2, ...generator.outputShape]);
  expect(
    relativeError(
      valuesOf(aux),
      latents.flatMap((latent) => [...host(latent)]),
    ),
  ).toBeLessThan(5e-6);
  expect(relativeError(valuesOf(grad), slopes)).toBeLessThan(1e-4);
}

describe.each(enginesOnThisMachine)("generators on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("imageDecoder: values and latent gradients are those of the formula", async () => {
    const layers = [
      { kernel: 4, stride: 1, padding: 0, channels: 6 },
      { kernel: 4, stride: 2, padding: 1, channels: 4 },
      { kernel: 3, stride: 1, padding: 1, channels: 2 },
    ];
    await checkAgainst(imageDecoder({ latentDimension: 5, layers }), (params) => hostDecoder(params, layers));
  });

  it("mlpDecoder: values and latent gradients are those of the formula", async () => {
    await checkAgainst(mlpDecoder({ latentDimension: 5, widths: [12, 16], outputShape: [4, 3, 2] }), hostMlp);
  });

  it.each([
    ["svhn32", svhn32Decoder, [32, 32, 3]],
    ["celeba64", celeba64Decoder, [64, 64, 3]],
    ["cifar10", cifar10Decoder, [32, 32, 3]],
    ["celeba128", celeba128Decoder, [128, 128, 3]],
    ["mnist28", mnist28Decoder, [28, 28, 1]],
  ] as const)("%s makes pictures of its size, in [-1, 1], also one alone", async (_name, preset, shape) => {
    // Two features instead of 64 or 128 keep the layout and the sizes, which this test checks.
    const generator = preset({ features: 2 });
    const params = generator.init(key);
    expect(tree.sizeOf(params)).toBe(generator.parameterCount);
    const apply = compile((p: readonly TensorTree[], z: tf.Tensor) => generator.apply(p, z));
    const picture = await apply(params, random.normal(random.key(3), [1, generator.latentDimension]));
    expect(picture.shape).toEqual([1, ...shape]);
    expect(generator.outputShape).toEqual(shape);
    expect(Math.max(...valuesOf(tf.abs(picture)))).toBeLessThanOrEqual(1);
  });
});

describe("sizes", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each([
    ["svhn32", svhn32Decoder, 100, 3_447_683],
    ["celeba64", celeba64Decoder, 100, 12_656_515],
    ["cifar10", cifar10Decoder, 128, 18_883_075],
    ["celeba128", celeba128Decoder, 100, 47_851_395],
    ["mnist28", mnist28Decoder, 8, 10_891_265],
  ] as const)(
    "%s has the paper's latent dimension and parameter count",
    (_name, preset, latentDimension, parameters) => {
      const generator = preset();
      expect(generator.latentDimension).toBe(latentDimension);
      expect(generator.parameterCount).toBe(parameters);
    },
  );

  it("the parameters of svhn32 really are that many, with the paper's spread", () => {
    const params = svhn32Decoder().init(key);
    expect(tree.sizeOf(params)).toBe(3_447_683);
    // The second layer has 512 to 256 channels, 4x4. Two million weights determine their spread to
    // 0.05 %. The bound of 5 standard errors is 0.25 %.
    const weight = (params[2] as Affine).weight;
    const sd = Math.sqrt(valuesOf(tf.mean(tf.square(weight)))[0]!);
    expect(Math.abs(sd / Math.sqrt(2 / ((512 + 256) * 16)) - 1)).toBeLessThan(0.0025);
  });

  it("mlpDecoder counts its parameters", () => {
    const generator = mlpDecoder({ latentDimension: 16, widths: [128, 256], outputShape: [28, 28, 1] });
    expect(generator.parameterCount).toBe(16 * 128 + 128 + (128 * 256 + 256) + (256 * 784 + 784));
    expect(tree.sizeOf(generator.init(key))).toBe(generator.parameterCount);
  });

  it.each([
    [() => svhn32Decoder({ latentDimension: 0 }), /latentDimension is 0/],
    [() => imageDecoder({ latentDimension: 2, layers: [] }), /layers is empty/],
    [
      () => imageDecoder({ latentDimension: 2, layers: [{ kernel: 2, stride: 1, padding: 1, channels: 1 }] }),
      /layers\[0\] makes a side of 0/,
    ],
    [() => mlpDecoder({ latentDimension: 2, widths: [0], outputShape: [2] }), /widths\[0\] is 0/],
    [() => mlpDecoder({ latentDimension: 2, widths: [], outputShape: [] }), /outputShape is empty/],
    [
      () => mlpDecoder({ latentDimension: 2, widths: [], outputShape: [2] }).apply([], tf.zeros([4, 3])),
      /the input of a generator has shape \[4,3\], expected \[any,2\]/,
    ],
    [
      () => svhn32Decoder({ features: 1 }).apply([], tf.zeros([100])),
      /the input of a generator has shape \[100\], expected \[any,100\]/,
    ],
  ])("refuses what cannot work (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
