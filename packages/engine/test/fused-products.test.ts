/**
 * Products with factors, summands and equal rows become fewer operators, with the same numbers up to
 * rounding.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine } from "../src/index.js";
import type { GraphNode } from "../src/graph.js";
import { fuse } from "../src/onnx/fuse.js";
import { record } from "../src/recorder/record.js";
import { relativeError } from "./relative-error.js";
import { inRuntime } from "./ways.js";

type Fn = (...xs: tf.Tensor[]) => tf.Tensor[];

const normals = (name: string, ...shapes: number[][]): tf.Tensor[] =>
  shapes.map((shape, i) => random.normal(random.fold(random.key(name), i), shape));

const fusedNodes = (fn: Fn, xs: readonly tf.Tensor[]): readonly GraphNode[] => {
  const options = { engine: "onnx", supports: () => true, alternatives: [] };
  return fuse(record(fn as (...args: never[]) => unknown, xs, options).graph, undefined).nodes;
};
const kernelsOf = (fn: Fn, xs: readonly tf.Tensor[]): string[] => fusedNodes(fn, xs).map(({ kernel }) => kernel);

async function expectAgreement(fn: Fn, xs: readonly tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = fn(...xs);
  const compiled = compile(fn, inRuntime);
  const found = await compiled(...xs);
  await compiled.dispose();
  found.forEach((value, i) => expect(relativeError(value, expected[i]!), `result ${i}`).toBeLessThan(tolerance));
}

beforeAll(() => useEngine("onnx"));

describe("a sum with products", () => {
  const shapes = [[5, 4], [5, 3], [3, 4], [5, 4]]; // prettier-ignore

  it("is one product where its other terms are multiples of one tensor", async () => {
    // x - s (A W + x / 2 · 2) = (1 - s) x - s A W
    const step: Fn = (x, a, w) => [
      tf.sub(x!, tf.mul(0.1, tf.add(tf.matMul(a!, w!), tf.mul(tf.fill([5, 1], 0.5), tf.mul(x!, 2))))),
    ];
    const [gemm, ...others] = fusedNodes(step, normals("step", ...shapes));
    expect(others).toEqual([]);
    expect(gemm!.attrs["alpha"]).toBeCloseTo(-0.1, 6);
    expect(gemm!.attrs["beta"]).toBeCloseTo(0.9, 6);
    await expectAgreement(step, normals("step", ...shapes));
  });

  it("adds to one product after the other", async () => {
    const fn: Fn = (x, a, w, y) => [tf.sub(tf.add(y!, x!), tf.add(tf.matMul(a!, w!), tf.neg(tf.matMul(tf.matMul(y!, w!, false, true), w!))))]; // prettier-ignore
    expect(kernelsOf(fn, normals("two", ...shapes))).toEqual(["BatchMatMul", "Add", "Gemm", "Gemm"]);
    await expectAgreement(fn, normals("two", ...shapes));
  });

  it.each([1, 2])("transposes a second factor of %d products as fits their number", async (count) => {
    const fn: Fn = (x, w, b) =>
      Array.from({ length: count }, (_, i) => tf.add(tf.matMul(tf.add(x!, i), w!, false, true), b!));
    const xs = normals("transposed", [5, 4], [3, 4], [3]);
    const products = fusedNodes(fn, xs).filter(({ kernel }) => kernel === "BatchMatMul");
    expect(products.map(({ attrs }) => attrs["transposesOnce"])).toEqual(Array(count).fill(count === 1));
    await expectAgreement(fn, xs);
  });

  it("keeps factors of differences, which cancel exactly before and not after", async () => {
    const fn: Fn = (x, a, w, y) => [tf.add(tf.matMul(a!, w!), tf.mul(1e4 / 3, tf.sub(x!, y!)))];
    const [x, a, w] = normals("near", ...shapes);
    const near = tf.add(x!, 1e-6);
    expect(kernelsOf(fn, [x!, a!, w!, near])).toContain("Sub");
    await expectAgreement(fn, [x!, a!, w!, near], 1e-6);
  });

  it("that the program returns, and whose parts it returns, keeps them", async () => {
    const fn: Fn = (x, a, w) => {
      const product = tf.matMul(a!, w!);
      const half = tf.mul(product, 0.5);
      return [product, half, tf.sub(x!, half), tf.mul(tf.mul(x!, 2), 0.5)];
    };
    await expectAgreement(fn, normals("kept", ...shapes));
  });

  it.each([[[5, 4]], [[4]], [[1, 4]], [[5, 1]], [[1]], [[]]])(
    "takes a summand of shape [%s] into the product",
    async (shape) => {
      const ways: Fn = (a, w, c) =>
        [false, true].flatMap((transposeA) =>
          [false, true].flatMap((transposeB) => {
            const product = tf.matMul(
              transposeA ? tf.transpose(a!) : a!,
              transposeB ? tf.transpose(w!) : w!,
              transposeA,
              transposeB,
            );
            return [tf.tanh(tf.add(product, c!))];
          }),
        );
      const sum: Fn = (a, w, c) => [tf.tanh(tf.add(c!, tf.matMul(a!, w!)))];
      const xs = normals("summand", [5, 3], [3, 4], shape);
      expect(kernelsOf(sum, xs)).toEqual(["BatchMatMul", "Tanh"]);
      await expectAgreement(sum, xs);
      await expectAgreement(ways, xs);
    },
  );

  it("does not take a summand that is larger than the product, or a product that is read twice", async () => {
    const larger: Fn = (a, w, c) => [tf.tanh(tf.add(tf.matMul(a!, w!), c!))];
    const xs = normals("larger", [1, 3], [3, 4], [5, 4]);
    expect(kernelsOf(larger, xs)).toEqual(["BatchMatMul", "Add", "Tanh"]);
    await expectAgreement(larger, xs);
    const twice: Fn = (a, w, c) => {
      const product = tf.matMul(a!, w!);
      return [tf.tanh(tf.add(product, c!)), tf.exp(product)];
    };
    await expectAgreement(twice, normals("twice", [5, 3], [3, 4], [4]));
  });

  it("of thousands of terms is looked through in one go", () => {
    const [x, a, w] = normals("long", ...shapes);
    const terms = 20_000;
    const fn: Fn = (x, a, w) => {
      let sum = tf.mul(x!, 0.5);
      for (let i = 1; i < terms; i++) sum = tf.add(sum, tf.mul(x!, i));
      return [tf.add(sum, tf.matMul(a!, w!)), tf.add(tf.tanh(a!), tf.exp(a!))];
    };
    const kernels = kernelsOf(fn, [x!, a!, w!]);
    // Σ (½ + Σ i) x is one multiple of x.
    expect(kernels).toEqual(["Gemm", "Tanh", "Exp", "Add"]);
  });

  it("of thousands of tensors stays a sum", () => {
    const fn: Fn = (x) => {
      let sum = x!;
      for (let i = 1; i < 5_000; i++) sum = tf.add(sum, tf.sin(tf.mul(x!, i)));
      return [sum];
    };
    const kernels = kernelsOf(fn, normals("tensors", [2, 3]));
    expect(kernels.filter((kernel) => kernel === "Add")).toHaveLength(4_999);
  });

  it("keeps its numbers, however it is written", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("x", "y", "product", "transposed", "part"), { minLength: 2, maxLength: 6 }),
        fc.array(fc.constantFrom("add", "sub", "scale", "divide", "neg", "keep"), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
        async (terms, steps, choices) => {
          const fn: Fn = (x, a, w, y) => {
            const parts = terms.map((term, i) => {
              if (term === "x" || term === "y") return term === "x" ? x! : y!;
              const factor = tf.mul(a!, i + 1);
              if (term === "part") return tf.matMul(tf.mul(tf.neg(factor), tf.tanh(a!)), w!);
              return term === "product" ? tf.matMul(factor, w!) : tf.matMul(tf.transpose(factor), w!, true, false);
            });
            const kept: tf.Tensor[] = [];
            let sum = parts[0]!;
            steps.forEach((step, i) => {
              const other = parts[choices[i % choices.length]! % parts.length]!;
              if (step === "add") sum = tf.add(sum, other);
              else if (step === "sub") sum = tf.sub(other, sum);
              else if (step === "scale") sum = tf.mul(sum, 0.3 * (i + 1));
              else if (step === "divide") sum = tf.div(sum, 1.5);
              else if (step === "neg") sum = tf.neg(sum);
              else kept.push(sum);
            });
            return [sum, ...kept];
          };
          // Sums may cancel: errors are relative to the size of what was added.
          const xs = normals("written", ...shapes);
          const compiled = compile(fn, inRuntime);
          const [found, expected] = [await compiled(...xs), fn(...xs)];
          await compiled.dispose();
          const scale =
            30 * Math.max(...steps.map((step, i) => (step === "scale" ? Math.max(1, 0.3 * (i + 1)) : 1))) ** 4;
          found.forEach((value, i) => {
            const error = tf.max(tf.abs(tf.sub(value, expected[i]!))).dataSync()[0]!;
            const size = tf.max(tf.abs(expected[i]!)).dataSync()[0]!;
            expect(error).toBeLessThan(1e-6 * (scale + size));
          });
        },
      ),
      { numRuns: 60, seed: 1 },
    ));
});

describe("an operand of a product", () => {
  it("hands its factors over", async () => {
    const fn: Fn = (x, t, w) => [
      tf.matMul(tf.mul(tf.sub(1, tf.square(t!)), tf.reshape(tf.neg(tf.mul(tf.mul(tf.sub(x!, t!), 2), 3)), [4, 6])), w!),
    ];
    const xs = normals("factors", [4, 6], [4, 6], [6, 2]);
    expect(kernelsOf(fn, xs).sort()).toEqual(["Gemm", "Multiply", "Square", "Sub", "Sub"]);
    await expectAgreement(fn, xs);
  });

  it("loses factors whose product is one", async () => {
    const fn: Fn = (x, w) => [tf.matMul(tf.tanh(tf.mul(tf.mul(x!, 4), 0.25)), tf.neg(tf.mul(w!, -1)))];
    const xs = normals("one", [4, 6], [6, 2]);
    expect(kernelsOf(fn, xs)).toEqual(["Tanh", "BatchMatMul"]);
    await expectAgreement(fn, xs);
  });

  it("keeps factors that others read, and those beyond the range of floats", async () => {
    const fn: Fn = (x, w) => {
      const scaled = tf.mul(x!, 3);
      return [scaled, tf.matMul(scaled, w!), tf.matMul(tf.mul(tf.mul(x!, 1e12), 1e-12), w!)];
    };
    const xs = normals("range", [4, 6], [6, 2]);
    expect(kernelsOf(fn, xs).filter((kernel) => kernel === "Multiply")).toHaveLength(3);
    await expectAgreement(fn, xs);
  });
});

describe("gradients with equal rows", () => {
  const widths = [[7, 3], [3, 12], [12], [12, 9], [9], [9, 1]]; // prettier-ignore
  /** Steps down an energy with these units. */
  const descent =
    (unit: (x: tf.Tensor) => tf.Tensor, steps: number): Fn =>
    (start, w1, b1, w2, b2, w3) => {
      const energy = (x: tf.Tensor): tf.Tensor =>
        tf.sum(tf.matMul(unit(tf.add(tf.matMul(unit(tf.add(tf.matMul(x, w1!), b1!)), w2!), b2!)), w3!));
      let x = start!;
      for (let i = 0; i < steps; i++) x = tf.sub(x, tf.mul(0.05, grad(energy)(x)));
      return [x, w3!];
    };
  const units: [string, (x: tf.Tensor) => tf.Tensor][] = [
    ["leaky units", (x) => tf.leakyRelu(x, 0.2)],
    ["leaky units of slope 0", (x) => tf.leakyRelu(x, 0)],
    ["rectified units", (x) => tf.relu(x)],
  ];

  it.each(units)("of %s share the matrix that they are multiplied by", async (_, unit) => {
    const xs = normals("rows", ...widths);
    const kernels = kernelsOf(descent(unit, 4), xs);
    expect(kernels.filter((kernel) => kernel === "IsPositive")).toHaveLength(4);
    await expectAgreement(descent(unit, 4), xs);
  });

  it.each(units)("of %s have the same numbers in a step alone as in a chain", async (_, unit) => {
    const [start, ...weights] = normals("alone", ...widths);
    const [one, three] = [compile(descent(unit, 1), inRuntime), compile(descent(unit, 3), inRuntime)];
    let x = start!;
    for (let i = 0; i < 3; i++) x = (await one(x, ...weights))[0]!;
    const [expected] = await three(start!, ...weights);
    expect([...x.dataSync()]).toEqual([...expected!.dataSync()]);
    await Promise.all([one.dispose(), three.dispose()]);
  });

  it("of units with any weights on either side", async () => {
    const fn: Fn = (x, w, r) => {
      const of = (y: tf.Tensor, transposed: boolean): tf.Tensor =>
        tf.matMul(grad((z: tf.Tensor) => tf.sum(tf.matMul(tf.leakyRelu(z, 0.1), r!)))(y), w!, false, transposed);
      return [1, 2, 3].flatMap((scale) => [of(tf.mul(x!, scale), true), of(tf.add(x!, scale), false)]);
    };
    const xs = normals("sides", [6, 5], [5, 5], [5, 2]);
    expect(kernelsOf(fn, xs).filter((kernel) => kernel === "IsPositive")).toHaveLength(6);
    await expectAgreement(fn, xs);
  });
});
