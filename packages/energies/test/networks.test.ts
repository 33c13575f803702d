/**
 * Energy networks: sizes from the papers, one number per example, and values and input gradients
 * compared with a float64 reference on the host.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import { convEnergy, mlpEnergy, type EnergyModel } from "@ergodic/energies";

const enginesOnThisMachine = ["cpu", "onnx"] as const;
const key = random.key("energies");
const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** Input gradients and energies in one compiled call. */
const inputGradient = (model: EnergyModel<readonly TensorTree[]>) =>
  compile((params: readonly TensorTree[], x: tf.Tensor) =>
    valueAndGrad(
      (u: tf.Tensor) => {
        const energies = model.energy(params, u);
        return [tf.sum(energies), energies] as const;
      },
      { hasAux: true },
    )(x),
  );

const relativeError = (actual: readonly number[], expected: readonly number[]): number =>
  Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / Math.max(...expected.map(Math.abs));

/** erf to double precision for |x| < 4, from its Taylor series. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const units = {
  leakyRelu: (x: number) => Math.max(x, 0.2 * x),
  gelu: (x: number) => (x * (1 + erf(x / Math.SQRT2))) / 2,
};

type Affine = { weight: tf.Tensor; bias: tf.Tensor };

/** The affine layers of a parameter list, as plain numbers. */
const layersOf = (params: readonly TensorTree[]) =>
  (params.filter((layer) => "weight" in layer) as unknown as Affine[]).map(({ weight, bias }) => ({
    shape: weight.shape,
    weight: valuesOf(weight),
    bias: valuesOf(bias),
  }));

/** E of one vector in float64. */
function hostMlp(params: readonly TensorTree[], unit: (x: number) => number) {
  const layers = layersOf(params);
  return (x: readonly number[]): number =>
    layers.reduce<readonly number[]>((input, { weight, bias }, n) => {
      const output = bias.map((b, o) => input.reduce((sum, v, i) => sum + v * weight[i * bias.length + o]!, b));
      return n === layers.length - 1 ? output : output.map(unit);
    }, x)[0]!;
}

/** E of one image in float64, with "same" padding written out. */
function hostConv(
  params: readonly TensorTree[],
  unit: (x: number) => number,
  side: number,
  strides: readonly number[],
) {
  const layers = layersOf(params);
  const convolve = (x: readonly number[], size: number, stride: number, layer: (typeof layers)[number]) => {
    const [kernel, , channels, out] = layer.shape as [number, number, number, number];
    const result = Math.ceil(size / stride);
    const before = Math.floor(Math.max((result - 1) * stride + kernel - size, 0) / 2);
    const y: number[] = [];
    for (let i = 0; i < result; i++)
      for (let j = 0; j < result; j++)
        for (let o = 0; o < out; o++) {
          let sum = layer.bias[o]!;
          for (let u = 0; u < kernel; u++)
            for (let v = 0; v < kernel; v++) {
              const [row, column] = [i * stride - before + u, j * stride - before + v];
              if (row < 0 || row >= size || column < 0 || column >= size) continue;
              for (let c = 0; c < channels; c++) {
                sum +=
                  x[(row * size + column) * channels + c]! * layer.weight[((u * kernel + v) * channels + c) * out + o]!;
              }
            }
          y.push(unit(sum));
        }
    return { y, size: result };
  };
  return (x: readonly number[]): number => {
    let state = { y: x, size: side };
    layers.slice(0, -1).forEach((layer, n) => (state = convolve(state.y, state.size, strides[n]!, layer)));
    const head = layers.at(-1)!;
    return state.y.reduce((sum, v, i) => sum + v * head.weight[i]!, head.bias[0]!);
  };
}

/**
 * Central differences in float64. h is far below the distance to a kink for all but a 1e-4 share of
 * keys, and this key is fixed.
 */
function slopes(f: (x: readonly number[]) => number, x: readonly number[], h = 1e-6): number[] {
  const at = (i: number, shift: number): number => f(x.map((v, k) => (k === i ? v + shift : v)));
  return x.map((_, i) => (at(i, h) - at(i, -h)) / (2 * h));
}

describe.each(enginesOnThisMachine)("energy networks on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(["leakyRelu", "gelu"] as const)(
    "mlpEnergy with %s: values and input gradients are those of the formula",
    async (name) => {
      const model = mlpEnergy({ in: 6, widths: [16, 12], activation: name });
      const params = model.init(key);
      const x = random.normal(random.key(1), [5, 6]);
      const { grad, aux } = await inputGradient(model)(params, x);
      const host = hostMlp(params, units[name]);
      const rows = (x.arraySync() as number[][]).slice();
      expect(aux.shape).toEqual([5]);
      expect(relativeError(valuesOf(aux), rows.map(host))).toBeLessThan(5e-6);
      expect(
        relativeError(
          valuesOf(grad),
          rows.flatMap((row) => slopes(host, row)),
        ),
      ).toBeLessThan(1e-4);
    },
  );

  it.each(["leakyRelu", "gelu"] as const)(
    "convEnergy with %s: values and input gradients are those of the formula",
    async (name) => {
      const model = convEnergy({ imageShape: [6, 6, 2], widths: [3, 4], activation: name });
      const params = model.init(key);
      const x = random.normal(random.key(2), [2, 6, 6, 2]);
      const { grad, aux } = await inputGradient(model)(params, x);
      const host = hostConv(params, units[name], 6, [1, 2]);
      const images = (tf.reshape(x, [2, 72]).arraySync() as number[][]).slice();
      expect(relativeError(valuesOf(aux), images.map(host))).toBeLessThan(5e-6);
      expect(
        relativeError(
          valuesOf(grad),
          images.flatMap((image) => slopes(host, image)),
        ),
      ).toBeLessThan(1e-4);
    },
  );

  it("gives each example its own energy, also alone in its batch", async () => {
    const model = mlpEnergy({ in: 3, widths: [8] });
    const params = model.init(key);
    const energy = compile((p: readonly TensorTree[], x: tf.Tensor) => model.energy(p, x));
    const x = random.normal(random.key(3), [4, 3]);
    const all = valuesOf(await energy(params, x));
    for (let i = 0; i < 4; i++) {
      const alone = await energy(params, tf.slice(x, [i, 0], [1, 3]));
      expect(alone.shape).toEqual([1]);
      expect(valuesOf(alone)[0]).toBeCloseTo(all[i]!, 5);
    }
  });
});

describe("sizes", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("has the papers' parameter counts", () => {
    expect(tree.sizeOf(mlpEnergy({ in: 100 }).init(key))).toBe(60_601);
    expect(tree.sizeOf(mlpEnergy({ in: 100, widths: [1000, 1000] }).init(key))).toBe(1_103_001);
  });

  it("the default convEnergy on MNIST ends in 7x7 maps of 128 channels", () => {
    const model = convEnergy({ imageShape: [28, 28, 1] });
    const params = model.init(key);
    const expected = 9 * 32 + 32 + (16 * 32 * 64 + 64) + (16 * 64 * 128 + 128) + (7 * 7 * 128 + 1);
    expect(tree.sizeOf(params)).toBe(expected);
    expect(model.energy(params, tf.zeros([1, 28, 28, 1])).shape).toEqual([1]);
  });

  it("has the sizes of the networks of CycleCoopNets", () => {
    // Counts of arXiv 2103.04285's code at 256 x 256 x 3, here of the convolutions, and of a small
    // network of 28 x 28 whose 7 x 7 map becomes 3 x 3.
    const published = convEnergy({ imageShape: [16, 16, 3], widths: [64, 128, 256, 512], outputs: 100 });
    const convolutions = 1_792 + 131_200 + 524_544 + 2_097_664;
    expect(tree.sizeOf(published.init(key))).toBe(convolutions + 2 * 2 * 512 * 100 + 100);
    const small = convEnergy({
      imageShape: [28, 28, 1],
      widths: [32, 64, 64],
      kernels: [4, 4, 4],
      strides: [2, 2, 2],
      padding: 1,
    });
    const params = small.init(key);
    expect(tree.sizeOf(params)).toBe(99_553);
    expect(small.energy(params, tf.zeros([2, 28, 28, 1])).shape).toEqual([2]);
  });

  it("sums the numbers of its head", () => {
    const of = (outputs: number) => convEnergy({ imageShape: [4, 4, 1], widths: [2], outputs });
    const x = random.normal(random.key("x"), [3, 4, 4, 1]);
    const params = of(2).init(key);
    const { weight, bias } = params.at(-1) as { weight: tf.Tensor2D; bias: tf.Tensor1D };
    const parts = [0, 1].map((j) => {
      const head = { weight: tf.slice(weight, [0, j], [-1, 1]), bias: tf.slice(bias, j, 1) };
      return of(1).energy([...params.slice(0, -1), head], x);
    });
    const difference = tf.sub(of(2).energy(params, x), tf.add(parts[0]!, parts[1]!));
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-6);
  });

  it("with a local head adds equal energies of all places, in images of any size", () => {
    const of = (outputs: number, imageShape: [number, number, number]) =>
      convEnergy({ imageShape, widths: [3, 4], kernels: [2, 2], strides: [2, 2], padding: 0, outputs, head: "local" });
    const local = of(2, [4, 4, 1]);
    const params = local.init(key);
    expect(tree.sizeOf(params)).toBe(4 * 3 + 3 + 4 * 3 * 4 + 4 + 4 * 2 + 2);
    // Windows of 4 x 4 do not overlap here: the energy is the sum of those of the tiles.
    const image = random.normal(random.key("x"), [3, 8, 12, 1]);
    const tiles = [0, 4].flatMap((i) =>
      [0, 4, 8].map((j) => local.energy(params, tf.slice(image, [0, i, j, 0], [3, 4, 4, 1]))),
    );
    const difference = tf.sub(local.energy(params, image), tf.addN(tiles));
    expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-5);
    expect(() => local.energy(params, tf.zeros([1, 8, 8, 2]))).toThrow(
      /has shape \[1,8,8,2\], expected \[any,any,any,1\]/,
    );
    expect(() => local.energy(params, tf.zeros([1, 1, 8, 1]))).toThrow(/image of 1x8/);
  });

  it("takes kernels and strides of your own, and sides that strides do not divide", () => {
    const model = convEnergy({
      imageShape: [7, 5, 3],
      widths: [4, 4],
      kernels: [5, 2],
      strides: [2, 3],
      activation: "swish",
    });
    expect(model.energy(model.init(key), tf.zeros([2, 7, 5, 3])).shape).toEqual([2]);
  });

  it.each([
    [() => mlpEnergy({ in: 0 }), /in is 0/],
    [() => mlpEnergy({ in: 2, widths: [] }), /widths is empty/],
    [() => mlpEnergy({ in: 2, widths: [3, -1] }), /widths\[1\] is -1/],
    [
      () => mlpEnergy({ in: 2, activation: "gleu" as "gelu" }),
      /activation is "gleu", expected one of "leakyRelu", "gelu"/,
    ],
    [
      () => mlpEnergy({ in: 2 }).energy(mlpEnergy({ in: 2 }).init(key), tf.zeros([4, 3])),
      /mlpEnergy has shape \[4,3\], expected \[any,2\]/,
    ],
    [() => convEnergy({ imageShape: [8, 8, 1], kernels: [3] }), /kernels has 1 entries, expected 3/],
    [() => convEnergy({ imageShape: [8, 8, 0] }), /channels is 0/],
    [() => convEnergy({ imageShape: [8, 8, 1], outputs: 0 }), /outputs is 0/],
    [() => convEnergy({ imageShape: [8, 8, 1], head: "none" as "local" }), /head is "none"/],
    [() => convEnergy({ imageShape: [2, 2, 1], kernels: [3, 4, 4], padding: 0 }), /leave nothing for the head/],
  ])("refuses what cannot work (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
