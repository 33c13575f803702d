/** Leaky units that are computed times a power of 2 change no bit of a result. */
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

interface Network {
  readonly widths: readonly number[];
  readonly alpha: number;
  readonly hasBias: boolean;
}

const normals = (name: string, shapes: readonly (readonly number[])[], sd = 1): tf.Tensor[] =>
  shapes.map((shape, i) => random.normal(random.fold(random.key(name), i), [...shape], { sd }));

/** A start of 5 rows, the weights of the layers and, where they have some, their biases. */
function inputsOf({ widths, hasBias }: Network, size = 1): tf.Tensor[] {
  const layers = widths.slice(1).map((out, i) => [widths[i]!, out]);
  const starts = normals("start", [[5, widths[0]!]], size);
  return [
    ...starts,
    ...normals("weights", layers, 0.7),
    ...(hasBias ? normals("biases", layers.map(([, out]) => [out!]), size) : []), // prettier-ignore
  ];
}

const unitsOf = ({ widths, alpha, hasBias }: Network, [x, ...params]: readonly tf.Tensor[]): tf.Tensor[] => {
  const layers = widths.length - 1;
  const units: tf.Tensor[] = [];
  let last = x!;
  for (let i = 0; i < layers; i++) {
    const product = tf.matMul(last, params[i]!);
    const sum = hasBias ? tf.add(product, params[layers + i]!) : product;
    last = i === layers - 1 ? sum : tf.leakyRelu(sum, alpha);
    units.push(last);
  }
  return units;
};

/**
 * Two steps down the energy ½|net(x)|². With `shown`, the units of the start are results too, so that
 * their numbers must be as they are.
 */
const descent =
  (network: Network, shown = false): Fn =>
  (start, ...params) => {
    const energy = (x: tf.Tensor): tf.Tensor =>
      tf.mul(0.5, tf.sum(tf.square(unitsOf(network, [x, ...params]).at(-1)!)));
    let x = start!;
    for (let i = 0; i < 2; i++) x = tf.sub(x, tf.mul(0.05, grad(energy)(x)));
    return shown ? [x, ...unitsOf(network, [start!, ...params])] : [x];
  };

const gradientsIn = (fn: Fn, xs: readonly tf.Tensor[]): readonly GraphNode[] => {
  const options = { engine: "onnx", supports: () => true, alternatives: [] };
  const { nodes } = fuse(record(fn as (...args: never[]) => unknown, xs, options).graph, undefined);
  return nodes.filter(({ kernel }) => kernel === "LeakyReluGrad");
};

async function compiled(fn: Fn, xs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
  const run = compile(fn, inRuntime);
  const found = await run(...xs);
  await run.dispose();
  return found;
}

beforeAll(() => useEngine("onnx"));

describe("leaky units that gradients ask for slopes", () => {
  const network: Network = { widths: [3, 8, 6, 4], alpha: 0.2, hasBias: true };

  it("are steep where products alone read them besides", () => {
    const xs = inputsOf(network);
    const gradients = gradientsIn(descent(network), xs);
    expect(gradients.map(({ attrs }) => attrs["isSteep"])).toEqual([true, true, true, true]);
  });

  it("keep their numbers where they are results", async () => {
    const xs = inputsOf(network);
    const steep = gradientsIn(descent(network, true), xs).filter(({ attrs }) => attrs["isSteep"] === true);
    expect(steep).toHaveLength(2);
    const [expected, found] = [descent(network, true)(...xs), await compiled(descent(network, true), xs)];
    found.forEach((value, i) => expect(relativeError(value, expected[i]!), `result ${i}`).toBeLessThan(1e-5));
  });

  it.each(["a sum", "a second factor", "a slope of themselves"])(
    "keep their numbers where they are read by %s",
    async (reader) => {
      const fn: Fn = (x, w, v) => {
        const unit = tf.leakyRelu(tf.matMul(x!, w!), 0.3);
        const slopes = (dy: tf.Tensor): tf.Tensor => tf.where(tf.greater(unit, 0), dy, tf.mul(0.3, dy));
        if (reader === "a sum") return [tf.add(unit, slopes(v!))];
        return reader === "a second factor" ? [tf.matMul(v!, unit, true), slopes(v!)] : [slopes(unit)];
      };
      const xs = normals("readers", [[5, 3], [3, 4], [5, 4]]); // prettier-ignore
      const [expected, found] = [fn(...xs), await compiled(fn, xs)];
      found.forEach((value, i) => expect(relativeError(value, expected[i]!), `result ${i}`).toBeLessThan(1e-5));
    },
  );

  it.each([1e-12, 1e-3, 1e3, 1e15])("change no bit of a result at units of about %f", async (size) => {
    const xs = inputsOf(network, size);
    const [steep, plain] = [await compiled(descent(network), xs), await compiled(descent(network, true), xs)];
    expect([...steep[0]!.dataSync()]).toEqual([...plain[0]!.dataSync()]);
  });

  it("agree with the function itself, whatever the network", () =>
    fc.assert(
      fc.asyncProperty(
        fc.record({
          widths: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 5 }),
          alpha: fc.constantFrom(0.01, 0.2, 0.9),
          hasBias: fc.boolean(),
        }),
        fc.boolean(),
        async (network, shown) => {
          const xs = inputsOf(network);
          const [expected, found] = [descent(network, shown)(...xs), await compiled(descent(network, shown), xs)];
          found.forEach((value, i) => expect(relativeError(value, expected[i]!), `result ${i}`).toBeLessThan(1e-4));
        },
      ),
      { numRuns: 30, seed: 1 },
    ));
});
