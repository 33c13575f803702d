/**
 * Whole networks on the blocked layout, with fused, blocked and converted tensors. Values and
 * gradients agree with the CPU backend of TensorFlow.js.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, tree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, record, useEngine, valueAndGrad } from "../src/index.js";
import { fuse } from "../src/onnx/fuse.js";
import { relativeError } from "./relative-error.js";
import { inRuntime } from "./ways.js";

type Image = tf.Tensor4D;
type Params = Readonly<Record<string, tf.Tensor>>;

const drawn = (shapes: Readonly<Record<string, readonly number[]>>): Params =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => {
      const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      const normal = random.normal(random.fold(random.key("networks"), i), [...shape]);
      return [name, tf.mul(normal, name === "x" || shape.length === 1 ? 1 : 1 / Math.sqrt(fanIn))];
    }),
  );

const conv = (x: tf.Tensor, w: tf.Tensor, strides: number, pad: "same" | "valid" = "same"): Image =>
  tf.conv2d(x as Image, w as Image, strides, pad);
const leaky = (x: tf.Tensor): tf.Tensor => tf.leakyRelu(x, 0.2);

interface Network {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly energy: (p: Params) => tf.Tensor;
}

/** A residual network of `c` channels with a plain stem, a strided layer and a dense head. */
const residual = (c: number): Network => ({
  shapes: {
    x: [3, 8, 8, 3],
    w0: [3, 3, 3, c],
    b0: [c],
    w1: [3, 3, c, c],
    b1: [c],
    w2: [3, 3, c, c],
    w3: [4, 4, c, 2 * c],
    d: [32 * c, 1],
  },
  energy: ({ x, w0, b0, w1, b1, w2, w3, d }) => {
    const h = tf.add(conv(x!, w0!, 1), b0!);
    const u = leaky(tf.add(conv(leaky(h), w1!, 1), b1!));
    const r = tf.add(conv(u, w2!, 1), h);
    return tf.matMul(tf.reshape(leaky(conv(r, w3!, 2)), [3, -1]) as tf.Tensor2D, d as tf.Tensor2D);
  },
});

const networks: Readonly<Record<string, Network>> = {
  "a residual network": residual(16),
  "a residual network whose channels do not fill their blocks": residual(20),
  "a generator": {
    shapes: { x: [5, 6], d: [6, 4 * 4 * 32], w1: [4, 4, 16, 32], b1: [16], w2: [4, 4, 1, 16], b2: [1] },
    energy: ({ x, d, w1, b1, w2, b2 }) => {
      const h = tf.reshape(leaky(tf.matMul(x as tf.Tensor2D, d as tf.Tensor2D)), [5, 4, 4, 32]) as Image;
      const u = tf.relu(tf.add(tf.conv2dTranspose(h, w1 as Image, [5, 8, 8, 16], 2, "same"), b1!)) as Image;
      return tf.tanh(tf.add(tf.conv2dTranspose(u, w2 as Image, [5, 16, 16, 1], 2, "same"), b2!));
    },
  },
  "a transposed convolution with strides beyond its filter": {
    shapes: { x: [2, 3, 3, 16], w: [2, 1, 16, 16], b: [16] },
    energy: ({ x, w, b }) =>
      tf.sigmoid(tf.add(tf.conv2dTranspose(x as Image, w as Image, [2, 9, 9, 16], 3, "same"), b!)),
  },
  "a skip connection around a strided layer and its transpose": {
    shapes: { x: [2, 6, 6, 16], down: [4, 4, 16, 32], up: [4, 4, 16, 32] },
    energy: ({ x, down, up }) => {
      const h = leaky(conv(x!, down!, 2)) as Image;
      return leaky(tf.add(tf.conv2dTranspose(h, up as Image, [2, 6, 6, 16], 2, "same"), x!));
    },
  },
  "pooling, normalisation, scalars, pixels and channels": {
    shapes: { x: [4, 6, 6, 16], w: [3, 3, 16, 24], s: [], g: [4, 1, 1, 24], m: [6, 6, 1], b: [24], v: [1, 1, 24, 16] },
    energy: ({ x, w, s, g, m, b, v }) => {
      const h = conv(x!, w!, 1);
      const { mean, variance } = tf.moments(h, [1, 2], true);
      const normal = tf.div(tf.sub(h, mean), tf.sqrt(tf.add(variance, 1e-5)));
      const scaled = tf.add(tf.mul(tf.mul(normal, g!), m!), tf.add(b!, s!));
      const gelu = tf.mul(scaled, tf.sigmoid(tf.mul(1.7, scaled)));
      const pooled = tf.avgPool(gelu as Image, 2, 2, "valid");
      return tf.mean(tf.exp(tf.mul(0.1, conv(tf.concat([pooled, tf.abs(pooled)], 0), v!, 1))), [1, 2]);
    },
  },
};

const run = ({ energy }: Network) =>
  valueAndGrad((p: Params) => {
    const y = energy(p);
    return tf.sum(tf.mul(y, tf.cos(tf.reshape(tf.range(0, y.size), y.shape))));
  });

describe("networks on the blocked layout", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each(Object.entries(networks))("%s agrees with TensorFlow.js", async (_, network) => {
    const params = drawn(network.shapes);
    await useEngine("cpu");
    const expected = tf.tidy(() => run(network)(params)) as unknown as { value: tf.Tensor; grad: Params };
    await useEngine("onnx");
    const compiled = compile(run(network), inRuntime);
    const actual = await compiled(params);
    await compiled.dispose();
    expect(actual.value.dataSync()[0]).toBeCloseTo(expected.value.dataSync()[0]!, 3);
    for (const name of Object.keys(params)) {
      expect(relativeError(actual.grad[name]!, expected.grad[name]!), name).toBeLessThan(2e-5);
    }
    tree.dispose([params, expected, actual] as never);
  });

  it("joins bias, residual, activation and the gradient of the leaky unit to the convolutions", () => {
    const network = residual(16);
    const options = { engine: "onnx", supports: () => true, alternatives: [] };
    const params = drawn(network.shapes);
    const { graph } = record(run(network) as never, [params], options);
    const { nodes } = fuse(graph, 16);
    const forward = nodes.filter(({ kernel }) => kernel === "Conv2D");
    const joined = forward.map(({ inputs, attrs }) => [
      ...inputs.slice(2).map(({ name }) => name),
      attrs["activation"],
    ]);
    expect(joined).toEqual([["bias", undefined], ["bias", "LeakyRelu"], ["sum", undefined], ["LeakyRelu"]]);
    expect(nodes.filter(({ kernel }) => kernel === "LeakyReluGrad")).toHaveLength(3);
    expect(nodes.filter(({ kernel }) => kernel === "Select" || kernel === "Greater")).toHaveLength(0);
  });

  it("asks the rectified value for the gradient of its unit", () => {
    const slope = (x: tf.Tensor): tf.Tensor => grad((y: tf.Tensor) => tf.sum(tf.square(tf.relu(y))))(x);
    const options = { engine: "onnx", supports: () => true, alternatives: [] };
    const { nodes } = fuse(record(slope as never, [tf.ones([2, 300, 300])], options).graph, 16);
    const [gradient, ...others] = nodes.filter(({ kernel }) => kernel === "ReluGrad");
    expect(others).toHaveLength(0);
    const unit = nodes.find(({ kernel }) => kernel === "Relu")!;
    expect(gradient!.inputs.find(({ name }) => name === "y")!.id).toBe(unit.outputs[0]!.id);
    expect(nodes.filter(({ kernel }) => kernel === "Select" || kernel === "LessEqual")).toHaveLength(0);
  });
});
