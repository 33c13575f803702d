/** Layers and splines compared with numbers computed by hand or with NumPy in double precision. */
import * as tf from "@tensorflow/tfjs-core";
import { grad, useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import {
  affine,
  bitsPerDimension,
  dequantize,
  linear,
  linearMatrix,
  linearParams,
  logit,
  rationalQuadraticSpline,
  squeeze,
  standardLogDensity,
} from "../src/index.js";

beforeAll(() => useEngine("cpu"));

const close = (tensor: tf.Tensor, expected: readonly number[], digits = 5): void => {
  const values = [...tensor.dataSync()];
  expect(values).toHaveLength(expected.length);
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits));
};

describe("an affine coupling", () => {
  it("has Glow's value and scale", () => {
    const { value, logDerivative } = affine({ scale: "sigmoid" }).forward(tf.tensor([1.2]), tf.tensor2d([[0.3, 0.5]]));
    close(value, [1.38621273]);
    close(logDerivative, [-0.07888973]);
  });

  it("never leaves its bound, however large the raw number", () => {
    const raw = tf.tensor2d([
      [0, 1e4],
      [0, -1e4],
    ]);
    const { value } = affine({ bound: 1 }).inverse(tf.tensor([1, 1]), raw);
    close(value, [Math.exp(-1), Math.exp(1)]);
  });
});

describe("a linear map", () => {
  const matrix = [
    [0.55258546, -0.66873075, 0.3],
    [1.10517092, 0.3, -0.2],
    [-0.27629273, -0.68904806, 1.69985881],
  ];

  it("is the product of its factors", () => {
    const params = {
      factors: tf.tensor2d([
        [0.1, 0.3, -0.2],
        [0.5, -0.2, 0.4],
        [-0.25, 0.75, 0.3],
      ]),
      $fixed: { sign: tf.tensor1d([1, -1, 1]), permutation: tf.tensor1d([1, 0, 2]) },
    };
    close(linearMatrix(params), matrix.flat(), 6);
    const { logDet } = linear({ features: 3 }).forward(params, tf.zeros([1, 2, 2, 3]));
    close(logDet, [4 * 0.2]);
  });

  it.each([1, 2, 3, 7, 16, 48])(
    "of %i features starts as a rotation and inverts itself to float32 accuracy",
    (features) => {
      const map = linear({ features });
      const params = map.init(random.key(features));
      const w = linearMatrix(params);
      const unit = tf.eye(features);
      expect(tf.max(tf.abs(tf.sub(tf.matMul(w, w, true), unit))).dataSync()[0]).toBeLessThan(1e-5);
      const x = random.normal(random.key(1), [32, features]);
      const back = map.inverse(params, map.forward(params, x).value).value;
      expect(tf.max(tf.abs(tf.sub(back, x))).dataSync()[0]).toBeLessThan(3e-5);
    },
  );

  it("can be made from any invertible matrix", () => {
    close(linearMatrix(linearParams(matrix)), matrix.flat(), 6);
    expect(() =>
      linearParams([
        [1, 2],
        [2, 4],
      ]),
    ).toThrow(/singular/);
    expect(() => linearParams([[1, 2]])).toThrow(/square/);
  });
});

describe("a rational-quadratic spline", () => {
  const spline = rationalQuadraticSpline({ bins: 4, bound: 3 });
  const one = [0.1, -0.4, 0.7, 0.2, -0.3, 0.5, 0, 0.4, 0.2, -0.5, 0.9];
  const xs = [-3.5, -2.5, -1, 0, 0.3, 1.7, 2.99];
  const ys = [-3.5, -2.61392159, -0.19289285, 0.26066478, 0.36760734, 1.37424246, 2.98996841];
  const slopes = [0, -0.45958065, 0.48325309, -1.07073411, -0.97936494, 0.25810857, 0.00629306];
  const raw = (): tf.Tensor => tf.tensor2d(xs.map(() => one));

  it("has the values and slopes of its formula", () => {
    const { value, logDerivative } = spline.forward(tf.tensor1d(xs), raw());
    close(value, ys);
    close(logDerivative, slopes, 4);
  });

  it("inverts them", () => {
    const { value, logDerivative } = spline.inverse(tf.tensor1d(ys), raw());
    close(value, xs, 4);
    close(
      logDerivative,
      slopes.map((slope) => -slope),
      3,
    );
  });

  it("is exact at its ends and far outside, with finite gradients", () => {
    const at = tf.tensor1d([-3, 3, -1e6, 1e6]);
    const four = tf.tensor2d([one, one, one, one]);
    close(spline.forward(at, four).value, [-3, 3, -1e6, 1e6]);
    close(spline.inverse(at, four).value, [-3, 3, -1e6, 1e6]);
    for (const direction of ["forward", "inverse"] as const) {
      const slope = grad((r: tf.Tensor) => {
        const { value, logDerivative } = spline[direction](at, r);
        return tf.sum(tf.add(value, logDerivative));
      })(four);
      expect(slope.dataSync().every(Number.isFinite)).toBe(true);
    }
  });
});

describe("pixels", () => {
  it("have the logit's value, density and bits", () => {
    const u = tf.tensor2d([[200.25 / 256]]);
    const { value, logDet } = logit({ lambda: 0.05 }).forward([], u);
    close(value, [1.12008189]);
    close(logDet, [1.57943684]);
    const density = tf.add(standardLogDensity(value as tf.Tensor2D), logDet) as tf.Tensor1D;
    close(bitsPerDimension(density, { dimensions: 1 }), [7.95209303]);
    const plain = standardLogDensity(tf.sub(u, 0.5) as tf.Tensor2D);
    close(bitsPerDimension(plain, { dimensions: 1 }), [9.38320472]);
  });

  it.each([0.05, 1e-3, 1e-6])("keep the digits of the logit at either end, lambda %f", (lambda) => {
    const map = logit({ lambda });
    // Both ends have the same accuracy. 2^-24 is the step of float32 below 1.
    for (const near of [0, 2 ** -24, 2 ** -20, 1e-3, 0.25]) {
      const u = Float32Array.of(1 - near)[0]!;
      const p = lambda + (1 - 2 * lambda) * u;
      const rest = lambda + (1 - 2 * lambda) * (1 - u);
      const { value, logDet } = map.forward([], tf.tensor2d([[u], [1 - u]]));
      close(value, [Math.log(p / rest), Math.log(rest / p)]);
      const right = Math.log(1 - 2 * lambda) - Math.log(p) - Math.log(rest);
      close(logDet, [right, right]);
      close(map.inverse([], value).value, [u, 1 - u], 6);
    }
  });

  it("are spread over their own cell", () => {
    const pixels = tf.tensor2d([[0, 1, 254, 255]]);
    const u = dequantize(tf.tile(pixels, [500, 1]), random.key(1));
    close(tf.sub(tf.floor(tf.mul(u, 256)), tf.tile(pixels, [500, 1])), new Array<number>(2000).fill(0));
    // The mean of 500 uniform numbers has standard error 0.0129 pixels. False alarm rate of 5
    // standard errors: one in 3.5 million.
    tf.sub(tf.mul(tf.mean(u, 0), 256), [0.5, 1.5, 254.5, 255.5])
      .dataSync()
      .forEach((error) => expect(Math.abs(error)).toBeLessThan(0.065));
  });

  it.each([1, 2, 5, 8, 12, 15, 16])("of %d bits stay in their own interval below 1, and uniform in it", (bits) => {
    const draws = 60_000;
    const highest = 2 ** bits - 1;
    for (const dtype of ["int32", "float32"] as const) {
      for (const pixel of new Set([0, 1, highest >> 1, highest])) {
        const u = dequantize(tf.fill([draws], pixel, dtype), random.key(pixel), { bits });
        const inside = Float64Array.from(u.dataSync(), (value) => value * 2 ** bits - pixel);
        expect(inside.every((value) => value >= 0 && value < 1)).toBe(true);
        // Mean 1/2 and mean square 1/3 have standard errors √(1/12 n) and √(4/45 n). False alarm
        // rate of 5 standard errors: one in 1.7 million.
        const mean = (of: (value: number) => number): number => inside.reduce((sum, v) => sum + of(v), 0) / draws;
        expect(Math.abs(mean((v) => v) - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / draws));
        expect(Math.abs(mean((v) => v * v) - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / draws));
        u.dispose();
      }
    }
  });

  it("keep their neighbours when squeezed", () => {
    const image = tf.reshape(tf.range(0, 16), [1, 4, 4, 1]);
    const { value } = squeeze().forward([], image);
    expect(value.shape).toEqual([1, 2, 2, 4]);
    close(tf.slice(value, [0, 0, 1, 0], [1, 1, 1, 4]), [2, 3, 6, 7]);
  });
});
