/**
 * Kernels of real numbers, applied to integers and booleans: every engine gives the types and
 * numbers of the plain backend of TensorFlow.js.
 */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, discoverEngines, useEngine, type EngineName } from "../src/index.js";
import { groupsOf, waysOn } from "./ways.js";

const candidates: readonly EngineName[] = ["cpu", "onnx", "tensorflow", "wasm", "onnx-web"];
const statuses = await discoverEngines();
const ways = waysOn(candidates.filter((name) => statuses.some((status) => status.name === name && status.available)));

type Fn = (...xs: tf.Tensor[]) => tf.Tensor;
const integers = (): tf.Tensor => tf.tensor1d([-3, -1, 0, 1, 2, 7], "int32");
const booleans = (): tf.Tensor => tf.tensor1d([0, 1], "bool");
const image = (): tf.Tensor => tf.tensor4d([1, 2, 4, 5, 7, 10, 2, 3], [1, 2, 4, 1], "int32");

const functions = {
  ...{ abs: tf.abs, acos: tf.acos, acosh: tf.acosh, asin: tf.asin, asinh: tf.asinh, atan: tf.atan, atanh: tf.atanh },
  ...{ exp: tf.exp, expm1: tf.expm1, log1p: tf.log1p, neg: tf.neg, reciprocal: tf.reciprocal, relu: tf.relu },
  ...{ relu6: tf.relu6, round: tf.round, selu: tf.selu, sign: tf.sign, sinh: tf.sinh, softplus: tf.softplus },
  ...{ square: tf.square, step: (x: tf.Tensor) => tf.step(x), isNaN: tf.isNaN, isInf: tf.isInf, isFinite: tf.isFinite },
} satisfies Record<string, Fn>;

const cases: (readonly [name: string, fn: Fn, inputs: () => tf.Tensor[]])[] = [
  ...Object.entries(functions).flatMap(([name, fn]): (typeof cases)[number][] => [
    [`${name} of integers`, fn as Fn, () => [integers()]],
    [`${name} of booleans`, fn as Fn, () => [booleans()]],
  ]),
  ["clipByValue", (x) => tf.clipByValue(x, -1.5, 2.5), () => [integers()]],
  ["leakyRelu", (x) => tf.leakyRelu(x, 0.2), () => [integers()]],
  ["prelu", (x) => tf.prelu(x, tf.scalar(2, "int32")), () => [integers()]],
  ["logSumExp", (x) => tf.logSumExp(x), () => [integers()]],
  ["atan2", (x) => tf.atan2(x, tf.scalar(2, "int32")), () => [integers()]],
  ["mod", (x) => tf.mod(x, tf.scalar(2, "int32")), () => [integers()]],
  ["floorDiv", (x) => tf.floorDiv(x, tf.scalar(2, "int32")), () => [integers()]],
  ["div of booleans", (x) => tf.div(x, tf.onesLike(x)), () => [booleans()]],
  ["matMul", (x) => tf.matMul(tf.reshape(x, [2, 4]), tf.reshape(x, [4, 2])), () => [image()]],
  ["resizeBilinear", (x) => tf.image.resizeBilinear(x as tf.Tensor4D, [3, 5]), () => [image()]],
  ["resizeNearestNeighbor", (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [3, 5]), () => [image()]],
  ["maxPool", (x) => tf.maxPool(x as tf.Tensor4D, [1, 2], [1, 2], "valid"), () => [image()]],
  ["maxPool3d", (x) => tf.maxPool3d(tf.reshape(x, [1, 2, 2, 2, 1]) as tf.Tensor5D, 2, 2, "valid"), () => [image()]],
  ["batchNorm", (x) => tf.batchNorm(x as tf.Tensor4D, tf.tensor1d([1]), tf.tensor1d([4])), () => [image()]],
  ["localResponseNormalization", (x) => tf.localResponseNormalization(x as tf.Tensor4D), () => [image()]],
  [
    "unsortedSegmentSum",
    (x) => tf.unsortedSegmentSum(x, tf.tensor1d([0, 1, 2, 1, 0, 0], "int32"), 3),
    () => [integers()],
  ],
];

const describeTensor = (x: tf.Tensor): unknown => ({
  dtype: x.dtype,
  shape: x.shape,
  values: [...x.dataSync()].map((value) => Number(value.toPrecision(4))),
});

describe.each(ways)("integers and booleans on $name", ({ engine, options }) => {
  let expected: unknown[];
  let actual: unknown[];
  beforeAll(async () => {
    await useEngine("cpu");
    expected = cases.map(([, fn, inputs]) => describeTensor(fn(...inputs())));
    await useEngine(engine);
    const given = cases.map(([, , inputs]) => inputs());
    const results = await Promise.all(
      groupsOf(options, cases.length).map(async (group) => {
        const run = compile((xs: tf.Tensor[][]) => group.map((i) => cases[i]![1](...xs[i]!)), options);
        const made = await run(given);
        await run.dispose();
        return made;
      }),
    );
    actual = results.flat().map(describeTensor);
    tf.dispose([given, results]);
  });
  afterAll(async () => {
    await useEngine("cpu");
  });

  it.each(cases.map(([name], i) => [name, i] as const))("%s", (_, i) => {
    expect(actual[i]).toEqual(expected[i]);
  });

  it("exp gives real numbers, round integers, resizeBilinear real numbers", () => {
    const typeOf = (name: string): unknown =>
      (actual[cases.findIndex(([other]) => other === name)] as { dtype: unknown }).dtype;
    expect(["exp of integers", "round of integers", "resizeBilinear"].map(typeOf)).toEqual([
      "float32",
      "int32",
      "float32",
    ]);
  });
});
