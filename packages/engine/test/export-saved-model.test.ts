/**
 * Exported SavedModels are parsed, and run by Python's TensorFlow if it is installed (PYTHON,
 * default python3).
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportSavedModel, grad, tidy, useEngine, valueAndGrad } from "../src/index.js";
import type { NodeDef, SignatureDef } from "../src/tensorflow/protocol.js";
import { decodeSavedModel } from "./saved-model-messages.js";

const folder = mkdtempSync(join(tmpdir(), "ergodic-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  await useEngine("cpu");
});

const python = process.env["PYTHON"] || "python3";
const script = `
import json, sys
import numpy as np
import tensorflow as tf
function = tf.saved_model.load(sys.argv[1]).signatures["serving_default"]
feeds = {name: tf.constant(values, tf.float32) for name, values in json.load(sys.stdin).items()}
print(json.dumps({name: result.numpy().tolist() for name, result in function(**feeds).items()}))
`;
const hasTensorFlow = spawnSync(python, ["-c", "import tensorflow"]).status === 0;
if (!hasTensorFlow)
  console.warn(`SavedModels are not run: "${python}" cannot import tensorflow. Set PYTHON to one that can.`);

type Params = { filter: tf.Tensor4D; bias: tf.Tensor1D; weight: tf.Tensor2D };

const params = (): Params => ({
  filter: random.normal(random.key(1), [3, 3, 2, 4]) as tf.Tensor4D,
  bias: random.normal(random.key(2), [4]) as tf.Tensor1D,
  weight: random.normal(random.key(3), [36, 1], { sd: 0.3 }) as tf.Tensor2D,
});

const energy = ({ filter, bias, weight }: Params, x: tf.Tensor): tf.Tensor => {
  const hidden = tf.leakyRelu(tf.add(tf.conv2d(x as tf.Tensor4D, filter, 2, "same"), bias), 0.2);
  return tf.squeeze(tf.matMul(tf.reshape(hidden, [-1, 36]), weight), [1]);
};

const generator = (z: tf.Tensor): tf.Tensor => {
  const { filter } = params();
  const start = tf.leakyRelu(tf.reshape(z, [-1, 3, 3, 4]), 0.1) as tf.Tensor4D;
  return tf.tanh(tf.conv2dTranspose(start, filter, [2, 6, 6, 2], 2, "same"));
};

const langevin = (x: tf.Tensor, key: Key): tf.Tensor => {
  const weights = params();
  const slope = grad((y: tf.Tensor) => tf.sum(energy(weights, y)))(x);
  const noise = random.normal(random.split(key, 2)[0]!, x.shape, { sd: 0.05 });
  return tf.add(tf.sub(x, tf.mul(slope, 0.01)), noise);
};

const learn = (weights: Params, x: tf.Tensor) => valueAndGrad((p: Params) => tf.mean(tf.square(energy(p, x))))(weights);

const images = random.normal(random.key(9), [2, 6, 6, 2]);
const latents = random.normal(random.key(10), [2, 36]);
const key = random.key(12);

interface Exported {
  readonly what: string;
  readonly file: () => Uint8Array;
  readonly feeds: () => Record<string, tf.Tensor>;
  readonly expected: () => Record<string, tf.Tensor>;
}

const weightFeeds = (): Record<string, tf.Tensor> =>
  Object.fromEntries(Object.entries(params()).map(([name, tensor]) => [`params.${name}`, tensor]));

const exported: Exported[] = [
  {
    what: "an energy",
    file: () => exportSavedModel(energy, [params(), images], { names: ["params", "x"] }),
    feeds: () => ({ ...weightFeeds(), x: images }),
    expected: () => ({ output: energy(params(), images) }),
  },
  {
    what: "a generator",
    file: () => exportSavedModel(generator, [latents], { names: ["z"] }),
    feeds: () => ({ z: latents }),
    expected: () => ({ output: generator(latents) }),
  },
  {
    what: "a Langevin step",
    file: () => exportSavedModel(langevin, [images, random.key(0)], { names: ["x", "key"] }),
    feeds: () => ({
      x: images,
      "key.split0.normal": random.normal(random.split(key, 2)[0]!, [2, 6, 6, 2], { sd: 0.05 }),
    }),
    expected: () => ({ output: langevin(images, key) }),
  },
  {
    what: "a loss and its gradients",
    file: () => exportSavedModel(learn, [params(), images], { names: ["params", "x"] }),
    feeds: () => ({ ...weightFeeds(), x: images }),
    expected: () => {
      const { value, grad } = learn(params(), images);
      const gradients = Object.entries(grad).map(([name, tensor]) => [`output.grad.${name}`, tensor]);
      return { "output.value": value, ...(Object.fromEntries(gradients) as Record<string, tf.Tensor>) };
    },
  },
];

const shapeOf = (dim: readonly { readonly size: number }[]): number[] => dim.map(({ size }) => size);

describe.each(exported)("the SavedModel of $what", ({ what, file, feeds, expected }) => {
  const model = () =>
    decodeSavedModel(file()) as unknown as {
      readonly metaGraphs: readonly [
        { readonly graphDef: { readonly node: NodeDef[] }; readonly signatureDef: Record<string, SignatureDef> },
      ];
    };

  it("has inputs and outputs by the places of arguments and results", () => {
    const { signatureDef, graphDef } = model().metaGraphs[0];
    const { inputs, outputs } = signatureDef["serving_default"]!;
    const nodes = new Set(graphDef.node.map(({ name }) => `${name}:0`));
    const check = (signature: SignatureDef["inputs"], tensors: Record<string, tf.Tensor>): void => {
      expect(Object.keys(signature).sort()).toEqual(Object.keys(tensors).sort());
      for (const [name, info] of Object.entries(signature)) {
        expect(nodes).toContain(info.name);
        expect(shapeOf(info.tensorShape.dim ?? [])).toEqual(tensors[name]!.shape);
      }
    };
    check(inputs, feeds());
    check(outputs, tidy(expected));
  });

  it.skipIf(!hasTensorFlow)("gives the same numbers in Python", { timeout: 120_000 }, () => {
    const place = mkdtempSync(join(folder, "model-"));
    writeFileSync(join(place, "saved_model.pb"), file());
    const input = JSON.stringify(Object.fromEntries(Object.entries(feeds()).map(([name, t]) => [name, t.arraySync()])));
    const { status, stdout, stderr } = spawnSync(python, ["-c", script, place], { input, encoding: "utf8" });
    expect([what, status, status === 0 ? "" : stderr]).toEqual([what, 0, ""]);
    const results = JSON.parse(stdout) as Record<string, number[]>;
    const truth = expected();
    expect(Object.keys(results).sort()).toEqual(Object.keys(truth).sort());
    for (const [name, tensor] of Object.entries(truth)) {
      const [actual, values] = [tf.tensor(results[name]!), tensor.dataSync()];
      expect(actual.shape).toEqual(tensor.shape);
      const scale = Math.max(1, ...values.map(Math.abs));
      values.forEach((value, i) => expect(actual.dataSync()[i]! / scale).toBeCloseTo(value / scale, 5));
    }
  });
});

it("says in an attribute what a draw is", () => {
  const file = exportSavedModel(langevin, [images, key], { names: ["x", "key"] });
  const [{ graphDef, signatureDef }] = (
    decodeSavedModel(file) as unknown as {
      metaGraphs: [{ graphDef: { node: NodeDef[] }; signatureDef: Record<string, SignatureDef> }];
    }
  ).metaGraphs;
  const { name } = signatureDef["serving_default"]!.inputs["key.split0.normal"]!;
  const placeholder = graphDef.node.find((node) => `${node.name}:0` === name)!;
  expect(new TextDecoder().decode(Uint8Array.from(placeholder.attr["_description"]!.s!))).toBe(
    "independent normal numbers, mean 0, standard deviation 0.05",
  );
});

it("is refused for functions without a result, and names that do not fit", () => {
  expect(() => exportSavedModel(() => 3, [])).toThrow(/returned no tensor/);
  expect(() => exportSavedModel((x: tf.Tensor) => tf.neg(x), [tf.ones([1])], { names: [] })).toThrow(
    /for 1 arguments; expected one name for each/,
  );
});
