import { describe, expect, it } from "vitest";
import { HostKey, isHostKey, isKey, keyBrand, random, type Draw, type Key } from "../src/index.js";
import golden from "./golden/golden.json" with { type: "json" };
import { chiSquare, chiSquareBound, scaledCorrelation, sixSigma } from "./statistics.js";

describe("keys agree with the Python implementation (golden/golden.py)", () => {
  it.each(Object.entries(golden.words))("seed %s", (seed, words) => {
    expect(random.key(Number(seed)).words).toEqual(words);
  });

  it.each(Object.entries(golden.fold))("fold %s", (i, words) => {
    expect(random.fold(random.key(0), Number(i)).words).toEqual(words);
  });

  it("split", () => {
    expect(random.split(random.key(0), 3).map((key) => key.words)).toEqual(golden.split);
  });
});

describe("seeds", () => {
  it("are the same as a number and as a bigint, negative or not", () => {
    for (const seed of [0, 1, -1, 42, -(2 ** 53 - 1)]) {
      expect(random.key(BigInt(seed)).words).toEqual(random.key(seed).words);
    }
  });

  it("of text are hashed: different texts, different keys, also by length alone", () => {
    const texts = ["", "a", "b", "a\0", "\0", "\0\0", "aaaaaaaa", "aaaaaaaaa", "ergodic", "Ergodic", "é"];
    expect(new Set(texts.map((text) => random.key(text).words.join())).size).toBe(texts.length);
    expect(random.key("ergodic").words).toEqual(random.key("ergodic").words);
  });

  it.each([0.5, NaN, Infinity, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n, null, undefined, {}])("refuse %s", (seed) => {
    expect(() => random.key(seed as number)).toThrow(/^seed is .*, expected .*; /);
  });
});

describe("a key", () => {
  const key = random.key(3);

  it("does not change", () => {
    expect(Object.isFrozen(key)).toBe(true);
    expect(Object.isFrozen(key.words)).toBe(true);
    const before = random.host.normal(key, 5);
    random.split(key, 4);
    random.fold(key, 9);
    expect(random.host.normal(key, 5)).toEqual(before);
  });

  it("is restored from its words", () => {
    const restored = random.fromWords(JSON.parse(JSON.stringify(key.words)) as number[]);
    expect(random.host.uniform(restored, 9)).toEqual(random.host.uniform(key, 9));
  });

  it.each([[[1]], [[1, -1]], [[1, 2 ** 32]], [[0.5, 1]], ["ab"]])("is not made from the words %j", (words) => {
    expect(() => random.fromWords(words as number[])).toThrow(/words/);
  });

  it("is recognised whatever implements it", () => {
    const other: Key = { [keyBrand]: true, derive: () => other, draw: (spec: Draw) => key.draw(spec) };
    expect(isKey(key)).toBe(true);
    expect(isKey(other)).toBe(true);
    expect(isHostKey(other)).toBe(false);
    expect(isHostKey(key)).toBe(true);
    expect(isKey({ [Symbol.for("ergodic.tensor.key")]: true })).toBe(true);
    for (const value of [null, undefined, 3, "key", {}, { words: [1, 2] }]) expect(isKey(value)).toBe(false);
    expect(() => random.host.normal(other, 3)).toThrow(/being recorded/);
    expect(key).toBeInstanceOf(HostKey);
  });

  it.each([-1, 0.5, NaN, 2 ** 52])("does not fold %s", (i) => {
    expect(() => random.fold(key, i)).toThrow(/^i is /);
  });

  it.each([0, -1, 1.5])("does not split into %s", (n) => {
    expect(() => random.split(key, n)).toThrow(/^n is /);
  });
});

describe("streams of different keys are independent", () => {
  const root = random.key(2024);
  const n = 100_000;
  const families: [string, HostKey[]][] = [
    [
      "a key, its children and its grandchild",
      [root, ...random.split(root, 3), random.split(random.split(root)[0] as HostKey)[0] as HostKey],
    ],
    ["folds", Array.from({ length: 5 }, (_, i) => random.fold(root, i))],
    ["neighbouring seeds", [0, 1, 2, 3].map((seed) => random.key(seed))],
    ["a key and its folds and splits of one number", [root, random.fold(root, 0), random.split(root)[0] as HostKey]],
  ];

  it.each(families)("%s: no correlation, joint distribution a product (1e-6 per pair)", (_, keys) => {
    const streams = keys.map((key) => random.host.uniform(key, n));
    streams.forEach((a, i) =>
      streams.slice(i + 1).forEach((b) => {
        expect(Math.abs(scaledCorrelation(a, b))).toBeLessThan(sixSigma);
        const table = new Array<number>(64).fill(0);
        a.forEach((x, k) => {
          const cell = Math.floor(x * 8) * 8 + Math.floor((b[k] as number) * 8);
          table[cell] = (table[cell] as number) + 1;
        });
        expect(chiSquare(table, () => n / 64)).toBeLessThan(chiSquareBound(63));
      }),
    );
  });

  it("the first numbers of many folds are themselves uniform", () => {
    const first = new Array<number>(32).fill(0);
    for (let i = 0; i < 32000; i++) {
      const cell = Math.floor((random.host.uniform(random.fold(root, i), 1)[0] as number) * 32);
      first[cell] = (first[cell] as number) + 1;
    }
    expect(chiSquare(first, () => 1000)).toBeLessThan(chiSquareBound(31));
  });

  it("no two of many derived keys are the same", () => {
    const made = [
      ...Array.from({ length: 2000 }, (_, i) => random.fold(root, i)),
      ...random.split(root, 2000),
      ...random.split(random.fold(root, 0), 2000),
    ];
    expect(new Set(made.map((key) => key.words.join())).size).toBe(6000);
  });

  it("more parts begin with the same parts", () => {
    expect(random.split(root, 5).slice(0, 2)).toEqual(random.split(root, 2));
  });
});
