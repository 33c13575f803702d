/**
 * Kernels that the engine supplies to backends without them agree, on WebAssembly, with those of
 * the plain backend.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "../src/index.js";
import { normal, size, type Draw } from "./kernel-cases.js";
import { relativeError } from "./relative-error.js";

type Op = (...xs: never[]) => tf.Tensor;
interface Problem {
  readonly name: string;
  readonly fn: Op;
  readonly inputs: readonly Draw[];
}

const side = fc.integer({ min: 4, max: 8 });
const convolutions = fc.record({
  batch: size,
  height: side,
  width: side,
  channels: size,
  rows: fc.integer({ min: 1, max: 3 }),
  wide: fc.integer({ min: 1, max: 3 }),
  out: size,
  stride: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom<"same" | "valid" | number>("same", "valid", 1),
});
type Images = typeof convolutions extends fc.Arbitrary<infer T> ? T : never;

/** With numeric padding, TensorFlow.js computes correct result sizes for square filters only. */
const columnsOf = ({ pad, rows, wide }: Images): number => (typeof pad === "number" ? rows : wide);
const rounding = (pad: Images["pad"]): "floor" | undefined => (typeof pad === "number" ? "floor" : undefined);

const convolution = (images: Images): Problem => {
  const { batch, height, width, channels, rows, out, stride, pad } = images;
  return {
    name: JSON.stringify(images),
    fn: (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, stride, pad, "NHWC", 1, rounding(pad)),
    inputs: [normal([batch, height, width, channels]), normal([rows, columnsOf(images), channels, out])],
  };
};
const depthwise = (images: Images): Problem => {
  const { batch, height, width, channels, rows, out, stride, pad } = images;
  return {
    name: JSON.stringify(images),
    fn: (x: tf.Tensor4D, f: tf.Tensor4D) => tf.depthwiseConv2d(x, f, stride, pad, "NHWC", 1, rounding(pad)),
    inputs: [normal([batch, height, width, channels]), normal([rows, columnsOf(images), channels, out])],
  };
};
const segments = fc
  .record({ count: fc.integer({ min: 1, max: 8 }), width: size, segments: size })
  .map(({ count, width, segments }): Problem => {
    const ids = Array.from({ length: count }, (_, i) => (i * 7 + 3) % segments);
    return {
      name: `${count} rows, ${segments} segments`,
      fn: (x: tf.Tensor2D) => tf.unsortedSegmentSum(x, tf.tensor1d(ids, "int32"), segments),
      inputs: [normal([count, width])],
    };
  });
const equations = fc
  .constantFrom<[string, string[]]>(
    ["ij,jk->ik", ["ij", "jk"]],
    ["bij,bjk->bik", ["bij", "bjk"]],
    ["ij->ji", ["ij"]],
    ["ij->", ["ij"]],
    ["i,j->ij", ["i", "j"]],
    ["bhqd,bhkd->bhqk", ["bhqd", "bhkd"]],
    ["ijk,jk->i", ["ijk", "jk"]],
  )
  .map(([equation, operands]): Problem => ({
    name: equation,
    fn: (...xs: tf.Tensor[]) => tf.einsum(equation, ...xs),
    inputs: operands.map((names) => normal([...names].map((name) => 2 + (name.charCodeAt(0) % 3)))),
  }));

const cases: readonly [kernels: string, problems: fc.Arbitrary<Problem>][] = [
  ["Conv2DBackpropFilter", convolutions.map(convolution)],
  ["DepthwiseConv2dNativeBackpropFilter, DepthwiseConv2dNativeBackpropInput", convolutions.map(depthwise)],
  ["UnsortedSegmentSum", segments],
  ["Einsum", equations],
];

/**
 * All gradients of `sum f(x) dy` on the current backend, and `f(x)` if a composed kernel computes
 * it.
 *
 * The backend's own forward convolutions are excluded, because they do not support all shapes here.
 */
function evaluate({ name, fn, inputs }: Problem): tf.Tensor[] {
  const xs = inputs.map((draw, i) => draw(random.fold(random.key(3), i)));
  const results = tf.tidy(() => {
    const y = fn(...(xs as never[]));
    const dy = random.normal(random.key(4), y.shape);
    const slopes = tf.grads((...at: tf.Tensor[]) => tf.sum(tf.mul(fn(...(at as never[])), dy)))(xs);
    return name.startsWith("{") ? slopes : [y, ...slopes];
  });
  tf.dispose(xs);
  return results;
}

describe("composed kernels on WebAssembly", () => {
  beforeAll(async () => {
    await useEngine("wasm");
  });
  afterAll(async () => {
    await useEngine("cpu");
  });

  it.each(cases)("%s", async (kernels, problems) => {
    for (const kernel of kernels.split(", ")) expect(tf.getKernel(kernel, "wasm")).toBeDefined();
    const property = fc.asyncProperty(problems, async (problem) => {
      await useEngine("wasm");
      const before = [tf.memory().numTensors, tf.backend().numDataIds()];
      const actual = evaluate(problem);
      expect(tf.backend().numDataIds()).toBe(before[1]! + actual.length);
      const values = actual.map((y) => ({ data: y.dataSync(), shape: y.shape }));
      tf.dispose(actual);
      expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before);
      await useEngine("cpu");
      const expected = evaluate(problem);
      for (const [i, y] of expected.entries()) {
        const mine = tf.tensor(values[i]!.data, values[i]!.shape);
        expect(relativeError(mine, y), `result ${i} of ${problem.name}`).toBeLessThan(1e-5);
        mine.dispose();
      }
      tf.dispose(expected);
    });
    await fc.assert(property, { seed: 5, numRuns: 40 });
  });
});
