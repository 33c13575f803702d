/**
 * SavedModels as they are written, and programs of the native library: results, failures, handles.
 */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, EngineError, useEngine } from "../src/index.js";
import type { Graph } from "../src/graph.js";
import { lowerings as onnxLowerings } from "../src/onnx/lowerings.js";
import { record } from "../src/recorder/record.js";
import { shapeRules } from "../src/recorder/shape-rules.js";
import { lowerToSavedModel, withNodeNames } from "../src/tensorflow/lower.js";
import { lowerings } from "../src/tensorflow/lowerings.js";
import type { NodeDef, SignatureDef } from "../src/tensorflow/protocol.js";
import { sessionOptions } from "../src/tensorflow/session-options.js";
import { nativeTensorFlow } from "./native-tensorflow.js";
import { decodeSavedModel } from "./saved-model-messages.js";

interface Written {
  readonly metaGraphs: readonly {
    readonly metaInfoDef: { readonly tags: readonly string[] };
    readonly graphDef: { readonly node: readonly NodeDef[] };
    readonly signatureDef: Readonly<Record<string, SignatureDef>>;
  }[];
}

const graphOf = (fn: (...xs: never[]) => unknown, ...inputs: tf.Tensor[]): Graph =>
  record(fn, inputs, { engine: "tensorflow", supports: (kernel) => kernel in lowerings, alternatives: [] }).graph;

const written = (fn: (...xs: never[]) => unknown, ...inputs: tf.Tensor[]) => {
  const model = decodeSavedModel(lowerToSavedModel(graphOf(fn, ...inputs))) as unknown as Written;
  expect(model.metaGraphs).toHaveLength(1);
  return model.metaGraphs[0]!;
};

/**
 * Bytes of arrays that are still referenced, also by the native library. It releases arrays between
 * turns of the event loop.
 */
async function heldBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  for (let turn = 0; turn < 3; turn++) {
    (runInNewContext("gc") as () => void)();
    await setImmediate();
  }
  return process.memoryUsage().arrayBuffers;
}

beforeAll(async () => {
  await useEngine("cpu");
});

describe("a SavedModel", () => {
  it("has a lowering for every kernel that the recorder and ONNX Runtime know", () => {
    const known = Object.keys(lowerings);
    expect(Object.keys(shapeRules).filter((kernel) => !known.includes(kernel))).toEqual([]);
    expect(Object.keys(onnxLowerings).filter((kernel) => !known.includes(kernel))).toEqual([]);
  });

  it("holds inputs, constants, operations with their types, and outputs under a signature", () => {
    const meta = written(
      (x: tf.Tensor2D, w: tf.Tensor2D) => tf.add(tf.matMul(x, w, false, true), tf.tensor1d([1, 2])),
      tf.ones([3, 4]),
      tf.ones([2, 4]),
    );
    const { node } = meta.graphDef;
    expect(meta.metaInfoDef.tags).toEqual(["serve"]);
    expect(node.map(({ op }) => op).sort()).toEqual(
      ["AddV2", "Const", "Identity", "MatMul", "Placeholder", "Placeholder"].sort(),
    );
    const product = node.find(({ op }) => op === "MatMul")!;
    expect(product.input).toEqual(["in0", "in1"]);
    expect(product.attr["T"]).toMatchObject({ type: 1 });
    expect(product.attr["transpose_a"]?.b ?? false).toBe(false);
    expect(product.attr["transpose_b"]).toMatchObject({ b: true });
    expect(product.name).toMatch(/^BatchMatMul\.0\//);
    const constant = node.find(({ op }) => op === "Const")!.attr["value"]!.tensor!;
    expect(new Float32Array(Uint8Array.from(constant.tensorContent).buffer)).toEqual(Float32Array.of(1, 2));
    const signature = meta.signatureDef["serving_default"]!;
    expect(Object.keys(signature.inputs)).toEqual(["in0", "in1"]);
    expect(signature.inputs["in1"]).toMatchObject({
      name: "in1:0",
      dtype: 1,
      tensorShape: { dim: [{ size: 2 }, { size: 4 }] },
    });
    expect(signature.outputs["out0"]).toMatchObject({ tensorShape: { dim: [{ size: 3 }, { size: 2 }] } });
  });

  it("names every operation once, and reads only what is written before", () => {
    const { graphDef } = written(
      (x: tf.Tensor4D, f: tf.Tensor4D) => {
        const [a, b] = tf.split(tf.conv2d(x, f, [2, 2], 1, "NHWC", 1, "floor"), 2, 3) as [tf.Tensor4D, tf.Tensor4D];
        return tf.stack(tf.unstack(tf.avgPool(tf.mul(a, b) as tf.Tensor4D, 2, 1, "same"), 0));
      },
      tf.ones([2, 6, 6, 3]),
      tf.ones([3, 3, 3, 4]),
    );
    const seen = new Set<string>();
    for (const { name, input } of graphDef.node) {
      for (const source of input) expect(seen).toContain(source.split(":")[0]);
      expect(seen).not.toContain(name);
      seen.add(name);
    }
  });

  it("is the same for the same function", () => {
    const model = (): Uint8Array =>
      lowerToSavedModel(graphOf((x: tf.Tensor) => tf.softmax(tf.exp(x)), tf.ones([2, 3])));
    expect(model()).toEqual(model());
  });

  it("goes with options: operations one after another where there are no convolutions; a GPU decides itself", () => {
    const dense = graphOf((x: tf.Tensor2D) => tf.matMul(x, x), tf.ones([2, 2]));
    const conv = graphOf(
      (x: tf.Tensor4D, f: tf.Tensor4D) => tf.conv2d(x, f, 1, 1),
      tf.ones([1, 3, 3, 1]),
      tf.ones([2, 2, 1, 1]),
    );
    const [ofDense, ofConv] = [dense, conv].map((graph) => new TextDecoder().decode(sessionOptions(graph, false)));
    expect(ofDense).toContain("SINGLE_THREADED_EXECUTOR");
    expect(ofConv).not.toContain("EXECUTOR");
    expect(ofConv).not.toBe("");
    expect(sessionOptions(dense, true)).toHaveLength(0);
  });

  it("turns names in messages back into kernels", () => {
    expect(withNodeNames("{{node GatherV2.12/v34}} and Add.3/v5-folded")).toBe("{{node GatherV2#12}} and Add#3-folded");
  });
});

describe.skipIf(nativeTensorFlow === undefined)("a program of the native library", () => {
  beforeAll(async () => {
    await useEngine("tensorflow");
  });

  it("returns inputs, constants and repeated results, and runs without inputs", async () => {
    const x = tf.tensor1d([1, 2]);
    const same = compile((y: tf.Tensor) => [y, y, tf.tensor1d([3, 4], "int32"), tf.greater(y, 1)]);
    const results = await same(x);
    expect(results.map((y) => [...y.dataSync()])).toEqual([
      [1, 2],
      [1, 2],
      [3, 4],
      [0, 1],
    ]);
    expect(results.map(({ dtype }) => dtype)).toEqual(["float32", "float32", "int32", "bool"]);
    const constant = compile(() => tf.range(0, 3));
    expect([...(await constant()).dataSync()]).toEqual([0, 1, 2]);
    await Promise.all([same.dispose(), constant.dispose()]);
  });

  it("gives the same numbers again, bit by bit", async () => {
    const inputs = [1, 2].map((seed) => random.normal(random.key(seed), [64, 64]) as tf.Tensor2D);
    const fn = (a: tf.Tensor2D, b: tf.Tensor2D) =>
      tf.grad((x: tf.Tensor) => tf.sum(tf.tanh(tf.matMul(x as tf.Tensor2D, b))))(a);
    const runs: Float32Array[] = [];
    for (let i = 0; i < 2; i++) {
      const compiled = compile(fn);
      for (let k = 0; k < 2; k++) runs.push((await compiled(inputs[0]!, inputs[1]!)).dataSync() as Float32Array);
      await compiled.dispose();
    }
    for (const run of runs) expect(run).toEqual(runs[0]);
  });

  it("names the kernel that failed", async () => {
    const pick = compile((x: tf.Tensor1D, i: tf.Tensor1D) => tf.gather(tf.square(x), i));
    const outside = tf.tensor1d([0, 3], "int32");
    await expect(pick(tf.tensor1d([1, 2, 3]), outside)).rejects.toThrow(EngineError);
    await expect(pick(tf.tensor1d([1, 2, 3]), outside)).rejects.toThrow(/GatherV2/);
    expect([...(await pick(tf.tensor1d([1, 2, 3]), tf.tensor1d([2, 0], "int32"))).dataSync()]).toEqual([9, 1]);
    await pick.dispose();
  });

  it("frees its handles, its session, and what runs were given, after failures too", async () => {
    const binding = nativeTensorFlow!;
    const before = [binding.getNumOfTensors(), binding.getNumOfSavedModels()];
    const pick = compile((x: tf.Tensor1D, i: tf.Tensor1D) => tf.gather(x, i));
    const length = 2 ** 18;
    const [inside, outside] = [tf.tensor1d([0], "int32"), tf.tensor1d([length], "int32")];
    const call = async (index: tf.Tensor1D): Promise<void> => {
      const x = tf.zeros<tf.Rank.R1>([length]);
      await pick(x, index).then(tf.dispose, () => undefined);
      x.dispose();
    };
    await call(inside);
    const heldBefore = await heldBytes();
    for (let i = 0; i < 40; i++) await call(outside);
    expect((await heldBytes()) - heldBefore).toBeLessThan(4 * 4 * length);
    expect(binding.getNumOfTensors()).toBe(before[0]);
    expect(binding.getNumOfSavedModels()).toBe(before[1]! + 1);
    await pick.dispose();
    expect([binding.getNumOfTensors(), binding.getNumOfSavedModels()]).toEqual(before);
  });
});
