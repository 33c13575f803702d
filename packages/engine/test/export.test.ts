/** Exported files, run by ONNX Runtime directly, give the numbers of the function. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import onnxProto from "onnx-proto";
import * as ort from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { exportOnnx, grad, tidy, useEngine, valueAndGrad } from "../src/index.js";

const { onnx } = onnxProto;
const parse = (file: Uint8Array): InstanceType<typeof onnx.ModelProto> => onnx.ModelProto.decode(file);

async function run(file: Uint8Array, feeds: Record<string, tf.Tensor>): Promise<ort.InferenceSession.ReturnType> {
  const session = await ort.InferenceSession.create(file);
  const tensors = Object.entries(feeds).map(([name, t]) => {
    const data = t.dtype === "int32" ? (t.dataSync() as Int32Array) : Float32Array.from(t.dataSync());
    return [name, new ort.Tensor(t.dtype as "float32" | "int32", data, t.shape)] as const;
  });
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  return results;
}

function expectClose(actual: ort.Tensor | undefined, expected: tf.Tensor): void {
  expect(actual!.dims).toEqual(expected.shape);
  const [a, b] = [actual!.data as Float32Array, expected.dataSync()];
  b.forEach((value, i) => expect(a[i]).toBeCloseTo(value, 4));
}

type Params = { layers: { weight: tf.Tensor; bias: tf.Tensor }[] };

const params = (): Params => ({
  layers: [
    { weight: random.normal(random.key(1), [3, 3, 2, 8]), bias: random.normal(random.key(2), [8]) },
    { weight: random.normal(random.key(3), [3, 3, 8, 8]), bias: random.normal(random.key(4), [8]) },
  ],
});

const energy = ({ layers }: Params, x: tf.Tensor): tf.Tensor => {
  const hidden = layers.reduce(
    (h, { weight, bias }) =>
      tf.leakyRelu(tf.add(tf.conv2d(h as tf.Tensor4D, weight as tf.Tensor4D, 2, "same"), bias), 0.1),
    x,
  );
  return tf.sum(tf.square(hidden), [1, 2, 3]);
};

/** A Langevin step. */
const step = (p: Params, x: tf.Tensor, key: Key): tf.Tensor => {
  const slope = grad((y: tf.Tensor) => tf.sum(energy(p, y)))(x);
  const first: Key = random.split(key, 2)[0]!;
  return tf.add(tf.sub(x, tf.mul(slope, 1e-3)), random.normal(first, x.shape, { sd: 0.05 }));
};

describe("exportOnnx", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("names inputs and outputs by their places in the trees", async () => {
    const x = random.normal(random.key(9), [2, 8, 8, 2]);
    const p = params();
    const fn = (p: Params, x: tf.Tensor) => valueAndGrad((q: Params) => tf.sum(energy(q, x)))(p);
    const file = exportOnnx(fn, [p, x], { names: ["params", "x"] });
    const { graph } = parse(file);
    const places = [0, 1].flatMap((i) => [`layers.${i}.bias`, `layers.${i}.weight`]);
    expect(graph!.input!.map(({ name }) => name)).toEqual([...places.map((place) => `params.${place}`), "x"]);
    expect(graph!.output!.map(({ name }) => name)).toEqual([
      ...places.map((place) => `output.grad.${place}`),
      "output.value",
    ]);
    const results = await run(file, {
      x,
      ...Object.fromEntries(
        p.layers.flatMap(({ weight, bias }, i) => [
          [`params.layers.${i}.weight`, weight],
          [`params.layers.${i}.bias`, bias],
        ]),
      ),
    });
    const expected = tidy(() => fn(p, x));
    expect((results["output.value"]!.data as Float32Array)[0]! / expected.value.dataSync()[0]!).toBeCloseTo(1, 5);
    const [actual, truth] = [results["output.grad.layers.0.weight"]!.data, expected.grad.layers[0]!.weight.dataSync()];
    const scale = Math.max(...truth.map(Math.abs));
    truth.forEach((value, i) => expect((actual as Float32Array)[i]! / scale).toBeCloseTo(value / scale, 4));
  });

  it("holds captured tensors, and takes the numbers of keys as inputs that say what they are", async () => {
    const p = params();
    const x = random.normal(random.key(9), [2, 8, 8, 2]);
    const file = exportOnnx((x: tf.Tensor, key: Key) => step(p, x, key), [x, random.key(0)], { names: ["x", "key"] });
    const inputs = parse(file).graph!.input!;
    expect(inputs.map(({ name, docString }) => [name, docString])).toEqual([
      ["x", ""],
      ["key.split0.normal", "independent normal numbers, mean 0, standard deviation 0.05"],
    ]);
    const key = random.key(12);
    const noise = random.normal(random.split(key, 2)[0]!, x.shape, { sd: 0.05 });
    const { output } = await run(file, { x, "key.split0.normal": noise });
    expectClose(output, step(p, x, key));
  });

  it("uses standard operators alone", () => {
    const model = parse(exportOnnx(step, [params(), tf.zeros([2, 8, 8, 2]), random.key(0)]));
    expect(model.opsetImport!.map(({ domain }) => domain)).toEqual([""]);
    expect(new Set(model.graph!.node!.map(({ domain }) => domain))).toEqual(new Set([""]));
    expect(model.graph!.node!.map(({ opType }) => opType)).toContain("Conv");
    expect(model.graph!.input!.map(({ name }) => name)).toContain("input0.layers.1.weight");
  });

  it("tells draws of one kind from one key apart", async () => {
    const fn = (key: Key): tf.Tensor =>
      tf.add(random.uniform(random.fold(key, 7), [2]), tf.sum(random.uniform(random.fold(key, 7), [3])));
    const file = exportOnnx(fn, [random.key(0)], { names: ["key"] });
    expect(parse(file).graph!.input!.map(({ name }) => name)).toEqual(["key.fold7.uniform", "key.fold7.uniform.2"]);
    const { output } = await run(file, {
      "key.fold7.uniform": tf.tensor1d([1, 2]),
      "key.fold7.uniform.2": tf.ones([3]),
    });
    expect([...(output!.data as Float32Array)]).toEqual([4, 5]);
  });

  it("keeps plain arguments and integers", async () => {
    const fn = (x: tf.Tensor, times: number): { rows: tf.Tensor; times: number } => ({
      rows: tf.gather(tf.mul(tf.range(0, 4), times), x as tf.Tensor1D),
      times,
    });
    const file = exportOnnx(fn, [tf.tensor1d([0, 1], "int32"), 3]);
    const results = await run(file, { input0: tf.tensor1d([3, 1], "int32") });
    expect([...(results["output.rows"]!.data as Float32Array)]).toEqual([9, 3]);
  });

  it("refuses names that do not fit, and functions without a result", () => {
    const identity = (x: tf.Tensor): tf.Tensor => tf.neg(x);
    for (const names of [[], ["a", "b"], [""], ["v12"]]) {
      expect(() => exportOnnx(identity, [tf.ones([1])], { names })).toThrow(
        /for 1 arguments; expected one name for each/,
      );
    }
    expect(() => exportOnnx(() => 3, [])).toThrow(/returned no tensor/);
  });
});
