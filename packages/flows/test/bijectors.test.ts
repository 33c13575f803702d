/** Laws that every bijector and every flow satisfies. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { trainedGradient } from "@ergodic/nn";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import * as flows from "../src/index.js";
import {
  actnorm,
  affine,
  chain,
  convConditioner,
  coupling,
  flattened,
  invert,
  linear,
  logit,
  mlpConditioner,
  permutation,
  rationalQuadraticSpline,
  reversal,
  split,
  squeeze,
  type Bijector,
} from "../src/index.js";
import { distance, logDetByJacobian, shaken } from "./support.js";

/** All exports of the package: bijectors, each among the cases below, and other exports. */
const makers = [
  "actnorm",
  "chain",
  "coupling",
  "flattened",
  "invert",
  "linear",
  "logit",
  "permutation",
  "reversal",
  "split",
  "squeeze",
] as const;
const conditioners = ["convConditioner", "mlpConditioner"];
const transforms = ["affine", "rationalQuadraticSpline"];
const flowMakers = ["flow", "flowThrough", "glow", "realNvp", "splineFlow"];
const others = ["bitsPerDimension", "dequantize", "flowLearner", "linearMatrix", "linearParams", "standardLogDensity"];

interface Case {
  /** The exported function under test. */
  readonly of: (typeof makers)[number];
  readonly bijector: Bijector;
  /** Shape of one example, with about 8 numbers at most for the Jacobian. */
  readonly shape: readonly number[];
  /** The side that holds pixels in [0, 1]. */
  readonly pixels?: "examples" | "noise";
  /** Whether scales are unbounded: the inverse overflows for far examples. */
  readonly unbounded?: boolean;
}

const spline = rationalQuadraticSpline({ bins: 4, bound: 3 });
const cases: Readonly<Record<string, Case>> = {
  actnorm: { of: "actnorm", bijector: actnorm({ channels: 3 }), shape: [3] },
  "actnorm of images": { of: "actnorm", bijector: actnorm({ channels: 2 }), shape: [2, 2, 2] },
  linear: { of: "linear", bijector: linear({ features: 5 }), shape: [5] },
  "linear at every pixel": { of: "linear", bijector: linear({ features: 2 }), shape: [2, 2, 2] },
  "affine coupling": {
    of: "coupling",
    bijector: coupling({ features: 5, transform: affine(), network: mlpConditioner({ widths: [8] }) }),
    shape: [5],
  },
  "affine coupling, swapped": {
    of: "coupling",
    bijector: coupling({
      features: 5,
      transform: affine({ bound: 1 }),
      network: mlpConditioner({ widths: [8] }),
      swap: true,
    }),
    shape: [5],
  },
  "coupling with a sigmoid scale": {
    of: "coupling",
    bijector: coupling({
      features: 4,
      transform: affine({ scale: "sigmoid" }),
      network: mlpConditioner({ widths: [8] }),
    }),
    shape: [4],
    unbounded: true,
  },
  "additive coupling": {
    of: "coupling",
    bijector: coupling({ features: 4, transform: affine({ scale: "none" }), network: mlpConditioner({ widths: [8] }) }),
    shape: [4],
  },
  "spline coupling": {
    of: "coupling",
    bijector: coupling({ features: 4, transform: spline, network: mlpConditioner({ widths: [8] }) }),
    shape: [4],
  },
  "spline coupling, its tails": {
    // Three in five standard normal numbers are outside the bound.
    of: "coupling",
    bijector: coupling({
      features: 4,
      transform: rationalQuadraticSpline({ bins: 3, bound: 0.5 }),
      network: mlpConditioner({ widths: [8] }),
    }),
    shape: [4],
  },
  "coupling of images": {
    of: "coupling",
    bijector: coupling({ features: 4, transform: affine(), network: convConditioner({ width: 6 }) }),
    shape: [2, 2, 4],
  },
  "coupling of images without normalisation": {
    of: "coupling",
    bijector: coupling({ features: 4, transform: affine(), network: convConditioner({ width: 6, normalized: false }) }),
    shape: [2, 2, 4],
  },
  squeeze: { of: "squeeze", bijector: squeeze(), shape: [2, 4, 2] },
  flattened: { of: "flattened", bijector: flattened([2, 2, 2]), shape: [2, 2, 2] },
  permutation: { of: "permutation", bijector: permutation([2, 0, 3, 1]), shape: [4] },
  reversal: { of: "reversal", bijector: reversal(5), shape: [5] },
  split: { of: "split", bijector: split({ shape: [2, 2, 4], rest: flattened([2, 2, 2]) }), shape: [2, 2, 4] },
  "split with a calibrated rest": {
    of: "split",
    bijector: split({
      shape: [2, 2, 4],
      rest: chain<readonly TensorTree[]>(actnorm({ channels: 2 }), flattened([2, 2, 2])),
    }),
    shape: [2, 2, 4],
  },
  logit: { of: "logit", bijector: logit(), shape: [4], pixels: "examples" },
  "inverse of the logit": { of: "invert", bijector: invert(logit({ lambda: 0.1 })), shape: [4], pixels: "noise" },
  chain: {
    of: "chain",
    bijector: chain<readonly TensorTree[]>(
      actnorm({ channels: 4 }),
      linear({ features: 4 }),
      coupling({ features: 4, transform: spline, network: mlpConditioner({ widths: [8] }) }),
      reversal(4),
    ),
    shape: [4],
  },
};

beforeAll(() => useEngine("onnx"));

it("every export is a bijector among the cases, or known to be none", () => {
  const known = [...makers, ...conditioners, ...transforms, ...flowMakers, ...others];
  expect(known.sort()).toEqual(Object.keys(flows).sort());
  expect([...new Set(Object.values(cases).map((one) => one.of))].sort()).toEqual([...makers].sort());
});

describe.each(Object.entries(cases))("%s", (_, { bijector, shape, pixels, unbounded = false }) => {
  const key = random.key(11);
  const setup = () => {
    const x =
      pixels === "examples"
        ? random.uniform(random.fold(key, 1), [6, ...shape])
        : random.normal(random.fold(key, 1), [6, ...shape]);
    const fresh = bijector.init(random.fold(key, 2));
    const params = shaken(fresh, random.fold(key, 3));
    return { x, fresh, params };
  };

  it("has an inverse, in both directions, fresh and with other parameters", () => {
    const { x, fresh, params } = setup();
    for (const p of [fresh, params]) {
      const { value, logDet } = bijector.forward(p, x);
      const back = bijector.inverse(p, value);
      expect(distance(back.value, x)).toBeLessThan(1e-4);
      expect(distance(tf.add(back.logDet, logDet), tf.zerosLike(logDet))).toBeLessThan(1e-4);
    }
  });

  it("inverts with prepared parameters to the same bits", () => {
    const { x, params } = setup();
    const z = bijector.forward(params, x).value;
    const prepared = bijector.prepared?.(params) ?? params;
    for (const of of ["value", "logDet"] as const) {
      expect(bijector.inverse(prepared, z)[of].dataSync()).toEqual(bijector.inverse(params, z)[of].dataSync());
    }
  });

  it("has the log-determinant of its Jacobian, in both directions", () => {
    const { x, params } = setup();
    for (const direction of ["forward", "inverse"] as const) {
      const at = direction === "forward" ? x : bijector.forward(params, x).value;
      const { logDet } = bijector[direction](params, at);
      expect(logDet.shape).toEqual([6]);
      for (const example of [0, 5]) {
        const one = tf.slice(at, [example, ...shapeOf(at).map(() => 0)], [1, ...shapeOf(at)]);
        const expected = logDetByJacobian((y) => bijector[direction](params, y).value, one);
        expect(Math.abs(logDet.dataSync()[example]! - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
      }
    }
  });

  it("treats every example alone", () => {
    const { x, params } = setup();
    const last = tf.slice(x, [5, ...shape.map(() => 0)], [1, ...shape]);
    const [all, one] = [bijector.forward(params, x), bijector.forward(params, last)];
    expect(
      distance(tf.slice(all.value, [5, ...shapeOf(all.value).map(() => 0)], [1, ...shapeOf(all.value)]), one.value),
    ).toBeLessThan(1e-5);
    expect(Math.abs(all.logDet.dataSync()[5]! - one.logDet.dataSync()[0]!)).toBeLessThan(1e-4);
  });

  it("has finite gradients of all parameters, none of them zero throughout", () => {
    const { x, params } = setup();
    const loss = (p: TensorTree): tf.Tensor => {
      const { value, logDet } = bijector.forward(p, x);
      return tf.sub(tf.mean(tf.square(value)), tf.mean(logDet));
    };
    const gradients = tree.leaves(trainedGradient(loss)(params).grad);
    const norms = gradients.map((g) => tf.norm(g).dataSync()[0]!);
    expect(norms.every(Number.isFinite)).toBe(true);
    expect(norms.filter((norm) => norm === 0)).toEqual([]);
  });

  if (!unbounded) {
    it("keeps far examples and far noise finite", () => {
      const { x, params } = setup();
      const z = bijector.forward(params, x).value;
      for (const far of [30, -30]) {
        const edge = far > 0 ? 1 : 0;
        const there = bijector.forward(params, tf.fill(x.shape, pixels === "examples" ? edge : far));
        const back = bijector.inverse(params, tf.fill(z.shape, pixels === "noise" ? edge : far));
        for (const values of [there.value, there.logDet, back.value, back.logDet]) {
          expect(values.dataSync().every(Number.isFinite)).toBe(true);
        }
      }
    });
  }

  it("gives compiled what it gives eagerly", async () => {
    const { x, params } = setup();
    for (const direction of ["forward", "inverse"] as const) {
      const at = direction === "forward" ? x : bijector.forward(params, x).value;
      const compiled = compile((p: TensorTree, y: tf.Tensor) => ({ ...bijector[direction](p, y) }));
      const [eager, made] = [bijector[direction](params, at), await compiled(params, at)];
      expect(distance(eager.value, made.value)).toBeLessThan(1e-5);
      expect(distance(eager.logDet, made.logDet)).toBeLessThan(1e-4);
      await compiled.dispose();
    }
  });
});

const shapeOf = (x: tf.Tensor): number[] => x.shape.slice(1);

describe("what only moves numbers", () => {
  it.each(["squeeze", "flattened", "permutation", "reversal", "split"])("loses no bit: %s", (name) => {
    const { bijector, shape } = cases[name]!;
    const x = random.normal(random.key(41), [4, ...shape]);
    // A fresh split subtracts a mean of 0 and divides by e⁰.
    const params = bijector.init(random.key(42));
    const { value, logDet } = bijector.forward(params, x);
    expect([...bijector.inverse(params, value).value.dataSync()]).toEqual([...x.dataSync()]);
    expect([...value.dataSync()].sort()).toEqual([...x.dataSync()].sort());
    expect(logDet.dataSync().every((one) => one === 0)).toBe(true);
  });
});

describe("what depends on parameters alone", () => {
  const inner = linear({ features: 4 });
  const wrapped = {
    chain: chain(linear({ features: 4 }), inner),
    split: split({ shape: [1, 1, 8], rest: chain<readonly TensorTree[]>(inner, flattened([1, 1, 4])) }),
  };

  it("is computed once: prepared matrices are inverted no more", () => {
    const params = inner.prepared!(inner.init(random.key(51)));
    const z = random.normal(random.key(52), [3, 4]);
    const without = { ...params, factors: tf.fill([4, 4], NaN) };
    expect(inner.inverse(without, z).value.dataSync()).toEqual(inner.inverse(params, z).value.dataSync());
  });

  it.each(Object.entries(wrapped))("is prepared inside a %s", (_, bijector) => {
    const params = bijector.init(random.key(53)) as TensorTree;
    const prepared = (bijector as Bijector).prepared!(params);
    expect(tree.paths(prepared).filter((path) => path.endsWith("$fixed.inverse")).length).toBeGreaterThan(0);
    expect(tree.leaves(prepared).length).toBeGreaterThan(tree.leaves(params).length);
  });

  it("linear maps of a chain are computed together as each alone, with their gradients", () => {
    const layers = [inner, reversal(4), linear({ features: 4 }), linear({ features: 4 })];
    const together = chain<readonly TensorTree[]>(...(layers as Bijector<TensorTree>[]));
    const params = together.init(random.key(56));
    const x = random.normal(random.key(57), [3, 4]);
    const loss = ({ value, logDet }: { value: tf.Tensor; logDet: tf.Tensor }): tf.Tensor =>
      tf.add(tf.sum(tf.square(value)), tf.sum(logDet));
    const whole = valueAndGrad((p: TensorTree) => loss(together.forward(p as readonly TensorTree[], x)))(params);
    const alone = valueAndGrad((p: TensorTree) => {
      let [value, logDet]: tf.Tensor[] = [x, tf.zeros([3])];
      layers.forEach((layer, i) => {
        const made = (layer as Bijector).forward((p as readonly TensorTree[])[i]!, value!);
        [value, logDet] = [made.value, tf.add(logDet!, made.logDet)];
      });
      return loss({ value: value!, logDet: logDet! });
    })(params);
    expect(distance(whole.value, alone.value)).toBeLessThan(1e-4);
    const [found, expected] = [whole, alone].map((one) => tree.leaves(one.grad) as tf.Tensor[]);
    found!.forEach((leaf, i) => expect(distance(leaf, expected![i]!)).toBeLessThan(1e-4));
  });

  it("a log-determinant that nobody reads makes no tensors", () => {
    const layers = chain<readonly TensorTree[]>(actnorm({ channels: 4 }), inner, reversal(4));
    const params = layers.prepared!(layers.init(random.key(54)));
    const z = random.normal(random.key(55), [3, 4]);
    const made = (read: (of: { logDet: tf.Tensor }) => void): number => {
      const before = tf.memory().numTensors;
      tf.engine().startScope();
      read(layers.inverse(params, z));
      const count = tf.memory().numTensors - before;
      tf.engine().endScope();
      return count;
    };
    expect(made(() => undefined)).toBeLessThan(made(({ logDet }) => logDet));
  });
});

describe("what depends on data", () => {
  const data = (): tf.Tensor => tf.add(tf.mul(random.normal(random.key(3), [64, 4, 4, 6]), 3), 5);
  const channelMoments = (y: tf.Tensor) => tf.moments(tf.reshape(y, [-1, y.shape.at(-1)!]), 0);

  it("gives every channel of the first batch mean 0 and standard deviation 1, layer by layer", () => {
    const x = data();
    const norm = actnorm({ channels: 6 });
    const layers = chain(norm, linear({ features: 6 }), actnorm({ channels: 6 }));
    const params = layers.calibrate!(layers.init(random.key(4)), x);
    const { mean, variance } = channelMoments(layers.forward(params, x).value);
    expect(distance(mean, tf.zerosLike(mean))).toBeLessThan(1e-5);
    expect(distance(tf.sqrt(variance), tf.onesLike(variance))).toBeLessThan(1e-3);
  });

  it("reaches the network of a coupling and what follows a split", () => {
    const x = data();
    const inner = actnorm({ channels: 3 });
    const both = chain<readonly TensorTree[]>(
      coupling({ features: 6, transform: affine(), network: convConditioner({ width: 5 }) }),
      split({ shape: [4, 4, 6], rest: chain<readonly TensorTree[]>(inner, flattened([4, 4, 3])) }),
    );
    const fresh = both.init(random.key(5));
    const params = both.calibrate!(fresh, x);
    const changed = (tree.leaves(params) as tf.Tensor[]).map(
      (leaf, i) => distance(leaf, tree.leaves(fresh)[i] as tf.Tensor) > 0,
    );
    // Two normalisations in the network and one after the split, each with a shift and a scale.
    expect(changed.filter(Boolean)).toHaveLength(6);
  });

  it("stays finite for a channel that never changes", () => {
    const norm = actnorm({ channels: 2 });
    const params = norm.calibrate!(norm.init(random.key(1)), tf.ones([8, 2]));
    expect(params.logScale.dataSync()[0]).toBeCloseTo(-Math.log(1e-6), 2);
  });
});

describe("bad input", () => {
  it.each([
    ["an odd side", () => squeeze().forward([], tf.zeros([1, 3, 4, 1])), /even sides/],
    ["an order with gaps", () => permutation([0, 2]), /once/],
    ["one feature", () => coupling({ features: 1, transform: affine(), network: mlpConditioner() }), /at least 2/],
    [
      "other channels",
      () => actnorm({ channels: 3 }).forward(actnorm({ channels: 3 }).init(random.key(0)), tf.zeros([2, 4])),
      /last axis/,
    ],
    ["an odd number of channels", () => split({ shape: [2, 2, 3], rest: flattened([2, 2, 1]) }), /even number/],
    ["a pole", () => logit({ lambda: 0 }), /lambda/],
    ["one bin", () => rationalQuadraticSpline({ bins: 1 }), /from 2/],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  it("initialises rotations on the host only", async () => {
    const map = linear({ features: 2 });
    const inside = compile((key: ReturnType<typeof random.key>) => map.init(key).factors);
    await expect(inside(random.key(1))).rejects.toThrow(/call init outside/);
  });
});
