import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hostDraw, random, ValidationError, type Draw } from "../src/index.js";
import golden from "./golden/golden.json" with { type: "json" };
import {
  chiSquare,
  chiSquareBound,
  counts,
  kolmogorov,
  kolmogorovBound,
  mean,
  normalCdf,
  sixSigma,
} from "./statistics.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const key = random.key(0);
const n = 200_000;

/** The sum of the bits of numbers as whole numbers, modulo 2^32. */
const sumOfBits = ({ buffer }: Float32Array): number => new Uint32Array(buffer).reduce((sum, x) => (sum + x) >>> 0, 0);

describe("draws agree with the Python implementation (golden/golden.py)", () => {
  it("uniform", () => {
    const values = random.host.uniform(key, 1000);
    expect([...values.slice(0, 8)]).toEqual(golden.uniform.first);
    expect(sumOfBits(values)).toBe(golden.uniform.sumOfBits);
  });

  it("permutation", () => {
    expect([...random.host.permutation(key, 20)]).toEqual(golden.permutation);
  });

  it("normal, through hundreds of wedge and tail rejections", () => {
    const values = random.host.normal(random.key(7), 20000);
    expect(golden.normal.slow).toBeGreaterThan(200);
    expect([...values.slice(0, 8)]).toEqual(golden.normal.first);
    expect(sumOfBits(values)).toBe(golden.normal.sumOfBits);
  });
});

describe("every draw", () => {
  const specs: Draw[] = [
    { kind: "normal", shape: [2, 3], mean: 1, sd: 2 },
    { kind: "uniform", shape: [6], low: -1, high: 1 },
    { kind: "bernoulli", shape: [3, 2], probability: 0.5 },
    { kind: "integers", shape: [4], low: -3, high: 3 },
    { kind: "categorical", shape: [2, 2], probabilities: [0.5, 0.5] },
    { kind: "permutation", shape: [7] },
    { kind: "normal", shape: [], mean: 0, sd: 1 },
    { kind: "normal", shape: [0, 3], mean: 0, sd: 1 },
  ];

  it.each(specs)("$kind $shape is the same as a tensor and on the host, and plain data", (spec) => {
    const tensor = key.draw(spec);
    const host = hostDraw(key, JSON.parse(JSON.stringify(spec)) as Draw);
    expect(tensor.shape).toEqual(spec.shape);
    expect(tensor.dtype).toBe(host.dtype);
    expect(tensor.dataSync()).toEqual(host.values);
    tensor.dispose();
  });
});

describe("normal", () => {
  it("follows N(mean, sd²)", () => {
    const values = random.host.normal(key, n, { mean: -2, sd: 3 });
    expect(kolmogorov(values, (x) => normalCdf((x + 2) / 3))).toBeLessThan(kolmogorovBound);
  });

  it("with sd 0 is its mean", () => {
    expect([...random.host.normal(key, 3, { mean: 4, sd: 0 })]).toEqual([4, 4, 4]);
  });
});

describe("uniform", () => {
  it("follows its distribution", () => {
    const values = random.host.uniform(key, n, { low: -3, high: 5 });
    expect(kolmogorov(values, (x) => (x + 3) / 8)).toBeLessThan(kolmogorovBound);
    expect(Math.abs(mean(values) - 1) / Math.sqrt(64 / 12 / n)).toBeLessThan(sixSigma);
  });

  it.each([
    [1, 1 + 2 ** -23],
    [16777216, 16777218],
    [-1 - 2 ** -23, -1],
    [-(2 ** -140), 0],
    [0.1, 0.3],
  ])("stays in [%d, %d) in float32, where rounding would reach the end", (low, high) => {
    const values = random.host.uniform(key, 20000, { low, high });
    expect(values.every((x) => x >= Math.fround(low) && x < Math.fround(high))).toBe(true);
  });
});

describe("bernoulli", () => {
  it.each([0, 0.01, 0.5, 0.99, 1])("is 1 with probability %d", (p) => {
    const tensor = random.bernoulli(key, [n], p);
    const ones = counts(tensor.dataSync(), 2)[1] as number;
    const sd = Math.sqrt(n * p * (1 - p));
    expect(tensor.dtype).toBe("float32");
    expect(Math.abs(ones - n * p)).toBeLessThanOrEqual(sixSigma * sd);
    tensor.dispose();
  });
});

describe("integers", () => {
  it("are equally likely and stay in [low, high)", () => {
    const values = random.host.integers(key, n, { low: -4, high: 6 });
    expect(
      chiSquare(
        counts(
          values.map((x) => x + 4),
          10,
        ),
        () => n / 10,
      ),
    ).toBeLessThan(chiSquareBound(9));
  });

  it("take the whole int32 range", () => {
    const values = random.host.integers(key, 1000, { low: -(2 ** 31), high: 2 ** 31 });
    expect(Math.min(...values)).toBeLessThan(-(2 ** 30));
    expect(Math.max(...values)).toBeGreaterThan(2 ** 30);
  });
});

describe("categorical", () => {
  const p = [0.5, 0, 0.2, 0.05, 0.25, 0];

  it("draws every category with its probability and impossible ones never", () => {
    const found = counts(random.host.categorical(key, p, n), 6);
    expect([found[1], found[5]]).toEqual([0, 0]);
    const possible = [0, 2, 3, 4];
    const statistic = chiSquare(
      possible.map((k) => found[k] as number),
      (i) => n * (p[possible[i] as number] as number),
    );
    expect(statistic).toBeLessThan(chiSquareBound(3));
  });

  it("takes logits, with any constant added", () => {
    const logits = p.map((value) => Math.log(value) + 1000);
    expect(random.host.categorical(key, { logits }, 1000)).toEqual(random.host.categorical(key, p, 1000));
  });

  it("gives int32 tensors", () => {
    const tensor = random.categorical(key, [0.5, 0.5], [3, 4]);
    expect([tensor.dtype, tensor.shape]).toEqual(["int32", [3, 4]]);
    tensor.dispose();
  });
});

describe("permutation", () => {
  it("is a permutation", () => {
    for (const size of [0, 1, 2, 1000]) {
      const sorted = [...random.host.permutation(key, size)].sort((a, b) => a - b);
      expect(sorted).toEqual(Array.from({ length: size }, (_, i) => i));
    }
  });

  it("gives each of the 24 orders of 4 equally often", () => {
    const found = new Map<string, number>();
    for (let i = 0; i < 48000; i++) {
      const order = random.host.permutation(random.fold(key, i), 4).join("");
      found.set(order, (found.get(order) ?? 0) + 1);
    }
    expect(found.size).toBe(24);
    expect(chiSquare([...found.values()], () => 2000)).toBeLessThan(chiSquareBound(23));
  });

  it("puts every item at every place equally often", () => {
    const size = 20;
    const table = new Array<number>(size * size).fill(0);
    for (let i = 0; i < 20000; i++) {
      random.host.permutation(random.fold(key, i), size).forEach((item, place) => {
        table[place * size + item] = (table[place * size + item] as number) + 1;
      });
    }
    expect(chiSquare(table, () => 1000)).toBeLessThan(chiSquareBound((size - 1) ** 2));
  });
});

describe("normalLike", () => {
  it("has the structure and shapes of the example and independent leaves", () => {
    const like = { b: [tf.zeros([2, 3]), tf.zeros([2, 3])], a: tf.scalar(0) };
    const noise = random.normalLike(key, like);
    expect(noise.a.shape).toEqual([]);
    expect(noise.b.map((leaf) => leaf.shape)).toEqual([
      [2, 3],
      [2, 3],
    ]);
    expect(noise.b[0]?.dataSync()).not.toEqual(noise.b[1]?.dataSync());
    expect(noise.b[1]?.dataSync()).toEqual(random.host.normal(random.split(key, 3)[2] as typeof key, 6));
  });
});

describe("wrong arguments", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["negative sd", () => random.normal(key, [2], { sd: -1 }), /^sd is -1, expected a number in \[0, Infinity\)/],
    [
      "empty range",
      () => random.uniform(key, [2], { low: 1, high: 1 }),
      /^uniform range is \[1, 1\), expected low < high/,
    ],
    [
      "range empty in float32",
      () => random.uniform(key, [2], { low: 1, high: 1 + 1e-12 }),
      /as float32 numbers; swap or widen/,
    ],
    [
      "probability above 1",
      () => random.bernoulli(key, [2], 1.5),
      /^probability is 1.5, expected a number in \[0, 1\]/,
    ],
    [
      "bad sum",
      () => random.categorical(key, [0.5, 0.6], [2]),
      /sum to 1.1, expected a sum of 1; divide them .* \{ logits \}/,
    ],
    ["no category", () => random.categorical(key, [], [2]), /non-empty array/],
    ["no logit", () => random.categorical(key, { logits: [] }, [2]), /at least one finite logit/],
    ["NaN logit", () => random.categorical(key, { logits: [0, NaN] }, [2]), /^logits\[1\] is NaN/],
    ["bad shape", () => random.normal(key, [2, -1]), /^shape is \[2, -1\], expected a shape/],
    ["empty integer range", () => random.integers(key, [2], { high: 0 }), /^high - low is 0/],
    ["fractional integer range", () => random.integers(key, [2], { high: 1.5 }), /^high is 1.5, expected an integer/],
    ["negative permutation", () => random.permutation(key, -1), /^shape is \[-1\]/],
    [
      "no key",
      () => random.normal(3 as never, [2]),
      /^key is 3, expected a random key; make one with random.key\(seed\)/,
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(ValidationError);
    expect(call).toThrow(message);
  });
});
