/** Two lists of arguments have one signature exactly if one program serves both. */
import * as tf from "@tensorflow/tfjs-core";
import { random, tree, ValidationError, type Tree } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "../src/index.js";
import { describe as described } from "../src/programs/signature.js";

const signature = (...args: unknown[]): string => described(args).signature;

describe("signatures", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("do not depend on values of tensors, on keys, or on the order of names", () => {
    expect(signature(tf.tensor1d([1, 2]), random.key(1))).toBe(signature(tf.tensor1d([3, 4]), random.key(2)));
    expect(signature({ b: tf.scalar(1), a: 2 })).toBe(signature({ a: 2, b: tf.scalar(3) }));
  });

  it("tell apart structures, types, shapes and plain values", () => {
    const x = tf.tensor1d([1]);
    const lists: unknown[][] = [
      [],
      [x],
      [x, x],
      [[x, x]],
      [[x], x],
      [[], x],
      [{ a: x }],
      [{ b: x }],
      [{ a: [x] }],
      [{ "a{1:b": x }],
      [{ a: { b: x } }],
      [tf.scalar(1)],
      [tf.tensor2d([[1]])],
      [tf.tensor1d([1, 2])],
      [tf.tensor2d([[1, 2]])],
      [tf.tensor1d([1], "int32")],
      [random.key(0)],
      [0],
      [-0],
      [NaN],
      ["0"],
      ["NaN"],
      [""],
      [null],
      [undefined],
      ["null"],
      [true],
      ["true"],
      ["a", "b"],
      ["a;text 1:b"],
      [["a"], "b"],
    ];
    expect(new Set(lists.map((args) => signature(...args))).size).toBe(lists.length);
  });

  it("tell apart any two different trees of plain values, and list leaves as trees do", () => {
    const plain = fc.oneof(
      fc.string({ maxLength: 3 }),
      fc.integer({ min: 0, max: 1 }),
      fc.constantFrom(null, true, undefined),
    );
    const { tree: trees } = fc.letrec((again) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        plain,
        fc.array(again("tree"), { maxLength: 3 }),
        fc.dictionary(fc.string({ maxLength: 2 }), again("tree"), { maxKeys: 3 }),
      ),
    }));
    const text = (value: unknown): string =>
      value === undefined
        ? "undefined"
        : Array.isArray(value)
          ? `[${value.map(text).join()}]`
          : typeof value === "object" && value !== null
            ? `{${Object.entries(value)
                .map(([name, child]) => `${JSON.stringify(name)}:${text(child)}`)
                .sort()
                .join()}}`
            : JSON.stringify(value);
    const property = fc.property(trees, trees, (a, b) => {
      expect(signature(a) === signature(b)).toBe(text(a) === text(b));
      expect(described([a]).leaves).toEqual(tree.leaves([a] as Tree<unknown>));
    });
    fc.assert(property, { seed: 8, numRuns: 500 });
  });

  it("name an argument that is no tensor, key or plain value", () => {
    expect(() => signature(1, { options: [new Date(0)] })).toThrow(ValidationError);
    expect(() => signature(1, { options: [new Date(0)] })).toThrow(
      /argument 1\.options\.0 of a compiled function is a object/,
    );
    expect(() => signature(() => 1)).toThrow(/argument 0 of a compiled function is a function/);
  });

  it("refuse an argument that contains itself", () => {
    const params: Record<string, unknown> = { w: tf.scalar(1) };
    params["again"] = [params, params];
    expect(() => signature(params)).toThrow(ValidationError);
    expect(() => signature(params)).toThrow(/the tree contains itself/);
  });
});
