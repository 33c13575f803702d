/**
 * Resizing, borders, crops, reversals and means over tiles between convolutions keep the blocked
 * layout, and agree with the CPU backend of TensorFlow.js, forward and in their gradients.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, record, useEngine } from "../src/index.js";
import { lowerToOnnx } from "../src/onnx/lower.js";
import { relativeError } from "./relative-error.js";
import { inRuntime } from "./ways.js";

type Image = tf.Tensor4D;
type Change = (x: Image) => Image;

const around = (rows: [number, number], columns: [number, number]): [number, number][] => [
  [0, 0],
  rows,
  columns,
  [0, 0],
];

const changes: Readonly<Record<string, Change>> = {
  "pixels repeated as squares": (x) => tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]),
  "pixels repeated as rectangles": (x) => tf.image.resizeNearestNeighbor(x, [3 * x.shape[1], 2 * x.shape[2]]),
  "a border that mirrors": (x) => tf.mirrorPad(x, around([2, 1], [1, 3]), "reflect"),
  "a border that repeats the edge": (x) => tf.mirrorPad(x, around([1, 2], [2, 0]), "symmetric"),
  "a border of zeros": (x) => tf.pad(x, around([1, 0], [2, 3])),
  "a crop": (x) => tf.slice(x, [0, 1, 2, 0], [-1, 3, 2, -1]),
  "a reversal": (x) => tf.reverse(x, [1, 2]),
  "means over tiles": (x) => tf.avgPool(x, [2, 3], [2, 3], "valid"),
  "means over windows that overlap": (x) => tf.avgPool(x, [2, 3], [1, 2], "valid"),
  "instance normalisation": (x) => {
    const mean = tf.mean(x, [1, 2], true);
    const off = tf.sub(x, mean);
    return tf.mul(off, tf.rsqrt(tf.add(tf.mean(tf.square(off), [1, 2], true), 1e-5)));
  },
};

/** Two convolutions with the change between them. */
const network = (change: Change) => (x: tf.Tensor, w: tf.Tensor, v: tf.Tensor) => {
  const first = tf.conv2d(x as Image, w as Image, 1, "same");
  return tf.conv2d(change(tf.relu(first)), v as Image, 1, "same");
};

const loss = (change: Change) => {
  const of = network(change);
  return (params: { w: tf.Tensor; v: tf.Tensor; x: tf.Tensor }) => tf.sum(tf.square(of(params.x, params.w, params.v)));
};

const drawn = (shape: readonly number[], name: string): tf.Tensor =>
  random.normal(random.key(name), [...shape], { sd: 0.3 });

const tensors = (channels: number) => ({
  x: drawn([2, 4, 6, 16], "x"),
  w: drawn([3, 3, 16, channels], "w"),
  v: drawn([3, 3, channels, 16], "v"),
});

describe.each(Object.entries(changes))("%s", (_, change) => {
  beforeAll(() => useEngine("onnx"));

  // 16 fills a block of 8 or 16 channels, 20 does not.
  it.each([16, 20])(
    "agrees with the CPU backend, with its gradients, between maps of %i channels",
    async (channels) => {
      const params = tensors(channels);
      const value = (p: typeof params) => network(change)(p.x, p.w, p.v);
      await useEngine("cpu");
      const expected = [value(params), ...Object.values(grad(loss(change))(params))];
      await useEngine("onnx");
      const [forward, backward] = [compile(value, inRuntime), compile(grad(loss(change)), inRuntime)];
      const actual = [await forward(params), ...Object.values(await backward(params))];
      actual.forEach((found, i) => expect(relativeError(found, expected[i]!)).toBeLessThan(1e-5));
      await Promise.all([forward.dispose(), backward.dispose()]);
    },
  );

  it("changes the layout only at the edges of the network", () => {
    const { x, w, v } = tensors(16);
    const options = { engine: "onnx", supports: () => true, alternatives: [] };
    const reorders = (fn: (...inputs: tf.Tensor[]) => tf.Tensor): number => {
      const { graph } = record(fn as never, [x, w, v], options);
      return (
        Buffer.from(lowerToOnnx(graph, { block: 16 }))
          .toString("latin1")
          .split(/Reorder(?:In|Out)put/).length - 1
      );
    };
    const alone = (image: tf.Tensor, weights: tf.Tensor) => tf.conv2d(image as Image, weights as Image, 1, "same");
    expect(reorders(network(change))).toBe(reorders(alone));
  });
});
