/**
 * Convolutions on ONNX Runtime's blocked layout agree with the CPU backend of TensorFlow.js.
 *
 * fast-check draws geometry and channel counts: below, at, between and above multiples of a block.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { compile, currentEngine, useEngine } from "../src/index.js";
import { relativeError } from "./relative-error.js";
import { inRuntime } from "./ways.js";

type Pad = "same" | "valid" | [[0, 0], [number, number], [number, number], [0, 0]];
interface Problem {
  readonly image: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly outputs: number;
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: Pad;
}

const channels = fc.constantFrom(1, 2, 3, 8, 15, 16, 17, 24, 32, 40);
const size = fc.integer({ min: 1, max: 5 });
const side = fc.integer({ min: 0, max: 2 });
const pads = fc.oneof(
  fc.constantFrom<Pad>("same", "valid"),
  fc.tuple(side, side, side, side).map(([a, b, c, d]): Pad => [
    [0, 0],
    [a, b],
    [c, d],
    [0, 0],
  ]),
);

/** Images are at least as large as the dilated filter, so that every padding leaves a position. */
const problem = (dilated: boolean): fc.Arbitrary<Problem> =>
  fc
    .record({
      batch: fc.constantFrom(1, 2, 15, 16, 33),
      extra: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 })),
      kernel: fc.tuple(size, size),
      inputs: channels,
      outputs: channels,
      strides: dilated
        ? fc.constant<[number, number]>([1, 1])
        : fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
      dilations: dilated
        ? fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }))
        : fc.constant<[number, number]>([1, 1]),
      pad: pads,
    })
    .map(({ batch, extra, kernel, inputs, dilations, ...rest }) => {
      const [height, width] = [0, 1].map((axis) => (kernel[axis]! - 1) * dilations[axis]! + 1 + extra[axis]!);
      return { image: [batch, height!, width!, inputs] as const, kernel, dilations, ...rest };
    });

async function compare(fn: (...xs: tf.Tensor[]) => tf.Tensor[], shapes: readonly (readonly number[])[]): Promise<void> {
  const xs = shapes.map((shape, i) => random.normal(random.fold(random.key("blocked"), i), [...shape]));
  await useEngine("cpu");
  const expected = tf.tidy(() => fn(...xs));
  await useEngine("onnx");
  const compiled = compile(fn, inRuntime);
  const actual = await compiled(...xs);
  await compiled.dispose();
  const errors = actual.map((value, i) => relativeError(value, expected[i]!));
  tf.dispose([xs, expected, actual]);
  expect(Math.max(...errors)).toBeLessThan(1e-5);
}

const kernel = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs as unknown as tf.NamedTensorMap, attrs as tf.NamedAttrMap) as tf.Tensor;

describe("blocked convolutions", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("are in use here", () => {
    // If this fails, ONNX Runtime has no such layout here, and the tests below run plain operators.
    expect(currentEngine()!.description).toContain("channels a block");
  });

  it("agree with TensorFlow.js, forward and in both gradients, for any geometry", async () => {
    const property = fc.asyncProperty(problem(false), async ({ image, kernel: [rows, columns], outputs, ...attrs }) => {
      const filter = [rows, columns, image[3], outputs] as const;
      const conv = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
        kernel("Conv2D", { x, filter: w }, { ...attrs, dataFormat: "NHWC" });
      const y = tf.tidy(() => conv(tf.zeros([...image]), tf.zeros([...filter])).shape);
      const more = { ...attrs, dataFormat: "NHWC" };
      await compare(
        (x, w, dy) => [
          conv(x!, w!),
          kernel("Conv2DBackpropInput", { dy: dy!, filter: w! }, { ...more, inputShape: image }),
          kernel("Conv2DBackpropFilter", { x: x!, dy: dy! }, { ...more, filterShape: filter }),
        ],
        [image, filter, y],
      );
    });
    await fc.assert(property, { seed: 4, numRuns: inject("all") ? 60 : 20 });
  });

  it("agree with TensorFlow.js when dilated", async () => {
    const property = fc.asyncProperty(problem(true), ({ image, kernel: [rows, columns], outputs, ...attrs }) =>
      compare(
        (x, w) => [kernel("Conv2D", { x: x!, filter: w! }, { ...attrs, dataFormat: "NHWC" })],
        [image, [rows, columns, image[3], outputs]],
      ),
    );
    await fc.assert(property, { seed: 5, numRuns: 20 });
  });
});
