/** Whole flows: inverses, densities that integrate to one, volumes, sampling, tails, learning. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine } from "@ergodic/engine";
import { adam, trainedGradient } from "@ergodic/nn";
import { random, trainedPart, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  chain,
  flow,
  flowThrough,
  flowLearner,
  glow,
  linear,
  linearParams,
  logit,
  realNvp,
  splineFlow,
  standardLogDensity,
  type Flow,
  type LinearParams,
} from "../src/index.js";
import { distance, logDetByJacobian, shaken } from "./support.js";

beforeAll(() => useEngine("onnx"));

interface Case {
  readonly flow: Flow;
  /** Whether scales are unbounded: inverses lose digits and far points overflow. */
  readonly unbounded?: boolean;
  /** Whether examples are in [0, 1]. */
  readonly pixels?: boolean;
}

const cases: Readonly<Record<string, Case>> = {
  "an affine map": { flow: flow(linear({ features: 2 }), [2]) },
  RealNVP: { flow: realNvp({ features: 2, couplings: 6, widths: [16] }) },
  "RealNVP of three numbers": { flow: realNvp({ features: 3, couplings: 4, widths: [16] }) },
  "a spline flow": { flow: splineFlow({ features: 2, couplings: 4, bound: 4, widths: [16] }) },
  "Glow of one level": { flow: glow({ shape: [2, 2, 2], levels: 1, steps: 2, width: 6 }) },
  "Glow of two levels": { flow: glow({ shape: [4, 4, 2], levels: 2, steps: 2, width: 6 }) },
  "Glow of pixels": {
    flow: flowThrough(logit(), glow({ shape: [4, 4, 1], levels: 2, steps: 1, width: 6 })),
    pixels: true,
  },
  "Glow as published": {
    flow: glow({ shape: [4, 4, 1], levels: 2, steps: 1, width: 6, scale: "sigmoid" }),
    unbounded: true,
  },
};

describe.each(Object.entries(cases))("%s", (_, { flow: model, unbounded = false, pixels = false }) => {
  const tolerance = unbounded ? 5e-4 : 1e-4;
  const key = random.key(21);
  const setup = () => {
    const shape = [32, ...model.shape];
    const x = pixels ? random.uniform(random.fold(key, 1), shape) : random.normal(random.fold(key, 1), shape);
    const params = model.calibrate(shaken(model.init(random.fold(key, 2)), random.fold(key, 3), 0.05), x);
    return { x, params };
  };

  it("decodes what it encodes and encodes what it decodes", () => {
    const { x, params } = setup();
    const z = model.encode(params, x);
    expect(z.shape).toEqual([32, model.dimension]);
    expect(distance(model.decode(params, z), x)).toBeLessThan(tolerance);
    const noise = random.normal(random.fold(key, 4), [32, model.dimension]);
    expect(distance(model.encode(params, model.decode(params, noise)), noise)).toBeLessThan(tolerance);
  });

  it("has the density that its Jacobian gives, and its volume is the inverse's", () => {
    const { x, params } = setup();
    const one = tf.slice(x, [0, ...model.shape.map(() => 0)], [1, ...model.shape]);
    const z = model.encode(params, one);
    const logDet = logDetByJacobian((at) => model.encode(params, at), one);
    const [density] = model.logDensity(params, one).dataSync();
    expect(Math.abs(density! - standardLogDensity(z).dataSync()[0]! - logDet)).toBeLessThan(
      1e-4 * Math.max(1, Math.abs(density!)),
    );
    expect(Math.abs(model.logVolume(params, z).dataSync()[0]! + logDet)).toBeLessThan(
      1e-4 * Math.max(1, Math.abs(logDet)),
    );
  });

  it("carries a tilted density to noise without any determinant", () => {
    const { params } = setup();
    const z = random.normal(random.fold(key, 5), [8, model.dimension]);
    const x = model.decode(params, z);
    const tilt = tf.sum(tf.sin(tf.reshape(x, [8, -1])), 1);
    // log p(g(z)) + log|det J_g(z)| = log N(z; 0, I) + f(g(z)), without the constant log Z on both
    // sides.
    const [data, latent] = [
      tf.addN([model.logDensity(params, x), tilt, model.logVolume(params, z)]),
      tf.add(standardLogDensity(z as tf.Tensor2D), tilt),
    ];
    expect(distance(data, latent)).toBeLessThan(2e-4 * Math.max(1, model.dimension));
  });

  it("gives every parameter a finite gradient that is not zero", () => {
    const { x, params } = setup();
    const norms = tree
      .leaves(trainedGradient((p: TensorTree) => tf.mean(model.logDensity(p, x)))(params).grad)
      .map((g) => tf.norm(g).dataSync()[0]!);
    expect(norms.every(Number.isFinite)).toBe(true);
    expect(norms.filter((norm) => norm === 0)).toEqual([]);
  });

  it("samples what it says it samples, compiled as well", async () => {
    const { params } = setup();
    const sample = compile((p: TensorTree, k: Key) => model.sample(p, k, 16));
    const made = await sample(params, random.key(6));
    expect(made.shape).toEqual([16, ...model.shape]);
    expect(distance(made, model.sample(params, random.key(6), 16))).toBeLessThan(1e-4);
    expect(distance(model.encode(params, made), random.normal(random.key(6), [16, model.dimension]))).toBeLessThan(
      2e-4,
    );
    await sample.dispose();
  });

  if (!unbounded) {
    it("keeps far points finite, both ways", () => {
      const { params } = setup();
      for (const far of [30, -30]) {
        const z = tf.fill([2, model.dimension], far);
        const x = tf.fill([2, ...model.shape], pixels ? (far > 0 ? 1 : 0) : far);
        for (const values of [model.decode(params, z), model.encode(params, x), model.logDensity(params, x)]) {
          expect(values.dataSync().every(Number.isFinite)).toBe(true);
        }
      }
    });
  }
});

describe("densities", () => {
  it.each(["an affine map", "RealNVP", "a spline flow"])("%s integrates to one", async (name) => {
    const { flow: model } = cases[name]!;
    const params = shaken(model.init(random.key(31)), random.key(32), 0.1);
    const [half, count] = [12, 401];
    const axis = tf.linspace(-half, half, count);
    const grid = tf.reshape(tf.stack(tf.meshgrid(axis, axis), 2), [-1, 2]);
    const density = compile((p: TensorTree, x: tf.Tensor) => tf.exp(model.logDensity(p, x)));
    const cell = (2 * half) / (count - 1);
    const total = tf.sum(await density(params, grid)).dataSync()[0]! * cell * cell;
    // The trapezoidal rule has error 1e-4 here, from the second-order kinks of the spline.
    expect(Math.abs(total - 1)).toBeLessThan(1e-3);
    await density.dispose();
  });

  it("Glow integrates to one over images of 2 x 2", async () => {
    const model = glow({ shape: [2, 2, 1], levels: 1, steps: 2, width: 4 });
    const params = shaken(model.init(random.key(33)), random.key(34), 0.1);
    const [half, count] = [7.5, 31];
    const density = compile((p: TensorTree, x: tf.Tensor) => tf.sum(tf.exp(model.logDensity(p, x))));
    const rest = tf.reshape(tf.linspace(-half, half, count), [count, 1]);
    // All values of the last three numbers, for each value of the first.
    const tuples = Array.from({ length: 2 }).reduce<tf.Tensor>((grid) => {
      const repeated = tf.reshape(tf.tile(tf.expandDims(grid, 1), [1, count, 1]), [-1, grid.shape[1]!]);
      return tf.concat([repeated, tf.tile(rest, [grid.shape[0]!, 1])], 1);
    }, rest);
    let total = 0;
    for (const first of rest.dataSync()) {
      const x = tf.concat([tf.fill([count ** 3, 1], first), tuples], 1);
      total += (await density(params, tf.reshape(x, [-1, 2, 2, 1]))).dataSync()[0]! * ((2 * half) / (count - 1)) ** 4;
    }
    expect(Math.abs(total - 1)).toBeLessThan(1e-3);
    await density.dispose();
  });

  it("an affine flow is the Gaussian with mean b and covariance A Aᵀ", () => {
    const a = [
      [2, 0],
      [1, 0.5],
    ];
    const model = flow(chain(linear({ features: 2 })), [2]);
    // x = A z means z = A⁻¹ x.
    const params: [LinearParams] = [
      linearParams([
        [0.5, 0],
        [-1, 2],
      ]),
    ];
    const x = tf.tensor2d([[0.3, -1.2]]);
    const determinant = a[0]![0]! * a[1]![1]!;
    const z = [0.15, -0.3 - 2.4];
    const expected = -0.5 * (z[0]! ** 2 + z[1]! ** 2) - Math.log(2 * Math.PI) - Math.log(determinant);
    expect(model.logDensity(params, x).dataSync()[0]).toBeCloseTo(expected, 5);
  });
});

describe("sizes", () => {
  const count = (params: TensorTree): number => tree.sizeOf(trainedPart(params));

  it.each([
    { shape: [4, 4, 1] as const, levels: 1, steps: 1, width: 8 },
    { shape: [8, 8, 3] as const, levels: 2, steps: 3, width: 16 },
  ])("of Glow follow from its layers: $shape, $levels levels of $steps steps, width $width", (options) => {
    const { shape, levels, steps, width } = options;
    let channels: number = shape[2];
    let expected = 0;
    for (let level = 1; level <= levels; level += 1) {
      channels *= 4;
      const half = channels / 2;
      const network =
        9 * half * width + width + (width * width + width) + (9 * width * channels + channels) + channels + 4 * width;
      const rotation = channels * channels;
      expected += steps * (2 * channels + rotation + network);
      expected += level < levels ? 9 * half * channels + channels : 2 * channels;
      if (level < levels) channels = half;
    }
    expect(count(glow(options).init(random.key(0)))).toBe(expected);
  });

  it("of an image must be halved as often as there are levels", () => {
    expect(() => glow({ shape: [28, 28, 1], levels: 3, steps: 1, width: 4 })).toThrow(/multiples of 8/);
  });
});

describe("maximum likelihood", () => {
  const model = realNvp({ features: 2, couplings: 4, widths: [32] });
  const learner = flowLearner({
    flow: model,
    optimizer: adam({ learningRate: 5e-3 }),
    observe: (batch: { readonly x: tf.Tensor }) => batch.x,
  });
  /**
   * A bent Gaussian: x₁ ~ N(0, 1), x₂ | x₁ ~ N(x₁², 0.3²). Its entropy is log(2πe) + log 0.3 =
   * 1.634 nats.
   */
  const bent = (key: Key, n: number): { x: tf.Tensor } => {
    const [a, b] = random.split(key, 2) as [Key, Key];
    const first = random.normal(a, [n, 1]);
    return { x: tf.concat([first, tf.add(tf.square(first), random.normal(b, [n, 1], { sd: 0.3 }))], 1) };
  };
  let state: Awaited<ReturnType<typeof learner.init>>;
  afterAll(() => tree.dispose(state));

  it("comes near the entropy of what it learns, skips what is not finite, and inverts itself still", async () => {
    state = await learner.init(random.key(1), bent(random.key(2), 512));
    for (let i = 0; i < 300; i += 1) {
      const next = await learner.update(state, bent(random.fold(random.key(3), i), 256), {
        key: random.fold(random.key(4), i),
        iteration: i,
      });
      tree.dispose(state);
      state = next.state;
    }
    const held = bent(random.key(5), 4000);
    const density = await learner.logDensity(state, held.x);
    const nats = -tf.mean(density).dataSync()[0]!;
    // The standard error of the mean of 4,000 is 0.016. A density is below the entropy only by
    // chance.
    expect(nats).toBeGreaterThan(1.634 - 0.08);
    expect(nats).toBeLessThan(1.634 + 0.15);
    expect(distance(model.decode(state.params, model.encode(state.params, held.x)), held.x)).toBeLessThan(1e-3);

    const numbers = (params: TensorTree) => (tree.leaves(params) as tf.Tensor[]).map((leaf) => [...leaf.dataSync()]);
    const before = numbers(state.params);
    const broken = await learner.update(state, { x: tf.fill([256, 2], NaN) }, { key: random.key(6), iteration: 0 });
    expect(broken.metrics["skipped"]).toBe(1);
    expect(numbers(broken.state.params)).toEqual(before);
    tree.dispose(broken.state);
  });

  it("shows samples of the learned density", async () => {
    const samples = await learner.sample(state, random.key(7), 3000);
    expect(samples.shape).toEqual([3000, 2]);
    const { mean } = tf.moments(samples, 0);
    // E x = (0, 1). Standard errors are 0.018 and 0.027; the rest of the bound is learning error.
    expect(Math.abs(mean.dataSync()[0]!)).toBeLessThan(0.2);
    expect(Math.abs(mean.dataSync()[1]! - 1)).toBeLessThan(0.25);
  });
});
