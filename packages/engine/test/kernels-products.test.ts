/** Products of matrices and tensors, fused ones included. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe } from "vitest";
import { check, integers, normal, size, type Case, type Problem } from "./kernel-cases.js";

const sizes = fc.tuple(size, size, size);
const transposed = fc.tuple(fc.boolean(), fc.boolean());
/** Batch axes of both factors, equal or broadcast. */
const batches = fc.constantFrom<readonly [number[], number[]]>(
  [[], []],
  [[2], [2]],
  [
    [2, 3],
    [2, 3],
  ],
  [[3], [1]],
  [[1], [3]],
  [[3], []],
  [
    [2, 1],
    [1, 3],
  ],
);

const matrices = fc.tuple(sizes, transposed, batches).map(([[m, k, n], [ta, tb], [left, right]]) => ({
  a: [...left, ...(ta ? [k, m] : [m, k])],
  b: [...right, ...(tb ? [n, k] : [k, n])],
  ta,
  tb,
}));

const equations = fc.constantFrom(
  {
    equation: "ij,jk->ik",
    shapes: [
      ["i", "j"],
      ["j", "k"],
    ],
  },
  {
    equation: "bij,bjk->bik",
    shapes: [
      ["b", "i", "j"],
      ["b", "j", "k"],
    ],
  },
  {
    equation: "bqhd,bkhd->bhqk",
    shapes: [
      ["b", "q", "h", "d"],
      ["b", "k", "h", "d"],
    ],
  },
  {
    equation: "bhqk,bkhd->bqhd",
    shapes: [
      ["b", "h", "q", "k"],
      ["b", "k", "h", "d"],
    ],
  },
  { equation: "i,j->ij", shapes: [["i"], ["j"]] },
  {
    equation: "ij,ij->",
    shapes: [
      ["i", "j"],
      ["i", "j"],
    ],
  },
  { equation: "ijk->kji", shapes: [["i", "j", "k"]] },
  { equation: "ijk->j", shapes: [["i", "j", "k"]] },
  { equation: "ij,j->i", shapes: [["i", "j"], ["j"]] },
);
const dimensions = fc.record(
  Object.fromEntries([..."bdhijkq"].map((index) => [index, size])) as Record<string, fc.Arbitrary<number>>,
);

const cases: Case[] = [
  [
    "matMul",
    matrices.map(({ a, b, ta, tb }) => ({
      fn: (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, ta, tb),
      inputs: [normal(a), normal(b)],
    })),
  ],
  [
    "matMul of integers",
    matrices.map(({ a, b, ta, tb }) => ({
      fn: (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, ta, tb),
      inputs: [integers(a, -5, 5), integers(b, -5, 5)],
      differentiable: false,
    })),
  ],
  [
    "dot, outerProduct",
    sizes.map(([n]) => ({
      fn: (x: tf.Tensor1D, y: tf.Tensor1D) => [tf.dot(x, y), tf.outerProduct(x, y)],
      inputs: [normal([n]), normal([n])],
    })),
  ],
  [
    "einsum",
    fc.tuple(equations, dimensions).map(([{ equation, shapes }, dims]) => ({
      fn: (...xs: tf.Tensor[]) => tf.einsum(equation, ...xs),
      inputs: shapes.map((indices) => normal(indices.map((index) => dims[index]!))),
    })),
  ],
];

const activation = fc.constantFrom("linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu" as const);
const fused: Case[] = [
  [
    "fused.matMul",
    fc.tuple(matrices, activation, fc.boolean()).map(([{ a, b, ta, tb }, act, withBias]): Problem => {
      const columns = tb ? b.at(-2)! : b.at(-1)!;
      return {
        fn: (x: tf.Tensor, y: tf.Tensor, bias: tf.Tensor, alpha: tf.Tensor) =>
          tf.fused.matMul({
            a: x,
            b: y,
            transposeA: ta,
            transposeB: tb,
            activation: act as never,
            ...(withBias ? { bias } : {}),
            ...(act === "prelu" ? { preluActivationWeights: alpha } : {}),
            leakyreluAlpha: 0.1,
          }),
        inputs: [normal(a), normal(b), normal([columns]), normal([columns])],
        differentiable: false,
      };
    }),
  ],
  [
    "fused.matMul under a gradient",
    sizes.map(([m, k, n]) => ({
      fn: (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) => tf.fused.matMul({ a, b, bias, activation: "relu" }),
      inputs: [normal([m, k]), normal([k, n]), normal([n])],
    })),
  ],
];

describe("products", () => check(cases, 8));
describe("fused products", () => check(fused, 8));
