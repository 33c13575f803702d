/**
 * Sums of products become one product of concatenated factors, with the same numbers up to
 * rounding.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine } from "../src/index.js";
import type { Graph } from "../src/graph.js";
import { joinProducts } from "../src/passes/joined-products.js";
import { record } from "../src/recorder/record.js";
import { replayExecutor } from "../src/replay/executor.js";
import { relativeError } from "./relative-error.js";
import { inRuntime } from "./ways.js";

const options = { engine: "cpu", supports: () => true, alternatives: [] };
const graphOf = (fn: (...xs: tf.Tensor[]) => tf.Tensor[], xs: readonly tf.Tensor[]): Graph =>
  record(fn as (...args: never[]) => unknown, xs, options).graph;
const count = (graph: Graph, kernel: string): number => graph.nodes.filter((node) => node.kernel === kernel).length;
const matrices = (name: string, shapes: readonly (readonly [number, number])[]): tf.Tensor[] =>
  shapes.map((shape, i) => random.normal(random.fold(random.key(name), i), shape));

/** The results of a graph, whose inputs are all tensors, run as it is. */
async function resultsOf(graph: Graph, xs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
  const program = await replayExecutor("cpu").load(graph);
  const feeds = graph.inputs.map(({ source }) => xs[(source as { readonly leaf: number }).leaf]!);
  return program.run(feeds).finally(() => program.dispose());
}

/** The joined graph, after a check that its results are the same to 1e-5. */
async function joined(fn: (...xs: tf.Tensor[]) => tf.Tensor[], xs: readonly tf.Tensor[]) {
  const graph = graphOf(fn, xs);
  const after = joinProducts(graph);
  const [expected, found] = [await resultsOf(graph, xs), await resultsOf(after, xs)];
  found.forEach((value, i) => expect(relativeError(value, expected[i]!)).toBeLessThan(1e-5));
  return { graph, after };
}

beforeAll(() => useEngine("cpu"));

/** Gradients of Σ tanh(x_t W + h R + b) in all weights, the way a user writes a recurrence. */
const recurrence = (...[w, r, b, ...steps]: tf.Tensor[]): tf.Tensor[] => {
  const loss = ([input, again, bias]: readonly tf.Tensor[]): tf.Tensor => {
    let h: tf.Tensor = tf.zeros([3, 16]);
    const states = steps.map((x) => {
      const next = tf.add(tf.add(tf.matMul(x, input!), tf.matMul(h, again!)), bias!);
      h = tf.tanh(next);
      return tf.sum(h);
    });
    return tf.addN(states);
  };
  return [...grad(loss)([w!, r!, b!])];
};
const weights = () => [...matrices("weights", [[12, 16], [16, 16]]), random.normal(random.key("bias"), [16])]; // prettier-ignore
const steps = (n: number) => matrices("steps", Array(n).fill([3, 12]) as [number, number][]);

describe("the gradient of a recurrence", () => {
  it("has one product for each shared weight, of one concatenation of the steps", async () => {
    const { graph, after } = await joined(recurrence, [...weights(), ...steps(8)]);
    const ofWeights = (of: Graph): number =>
      of.nodes.filter(({ kernel, attrs }) => kernel === "BatchMatMul" && attrs["transposeA"] === true).length;
    expect(ofWeights(graph)).toBe(16);
    expect(ofWeights(after)).toBe(2);
    // Inputs, states, and the gradients at all steps, which both products share.
    expect(count(after, "Concat")).toBe(3);
  });

  it("is the same on a compiled engine", async () => {
    const given = [...weights(), ...steps(8)];
    const expected = recurrence(...given);
    await useEngine("onnx");
    const compiled = compile(recurrence, inRuntime);
    const found = await compiled(...given);
    await compiled.dispose();
    // The steps multiply differences of rounding.
    found.forEach((value, i) => expect(relativeError(value, expected[i]!)).toBeLessThan(1e-4));
    await useEngine("cpu");
  });
});

it("a concatenation along columns that exists is used again", async () => {
  const width = 6;
  const beside = (...xs: tf.Tensor[]): tf.Tensor[] => {
    const [as, bs] = [xs.slice(0, width), xs.slice(width)];
    const products = as.map((a, i) => tf.matMul(a, bs[i]!, true));
    return [products.reduce((sum, one) => tf.add(sum, one)), tf.concat([...bs].reverse(), 1)];
  };
  const shapes = [...Array(width).fill([3, 16]), ...Array(width).fill([3, 20])] as [number, number][];
  const { after } = await joined(beside, matrices("beside", shapes));
  expect(count(after, "BatchMatMul")).toBe(1);
  expect(count(after, "Concat")).toBe(2);
});

describe("sums", () => {
  it("keep their numbers, however they are written and whatever else reads their parts", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ rows: fc.integer({ min: 1, max: 3 }), product: fc.boolean() }), {
          minLength: 2,
          maxLength: 9,
        }),
        fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
        fc.nat(),
        async (terms, splits, shown) => {
          const xs = terms.flatMap(
            ({ rows, product }, i) =>
            matrices(`term ${i}`, product ? [[rows, 16], [rows, 20]] : [[16, 20]]), // prettier-ignore
          );
          const fn = (...given: tf.Tensor[]): tf.Tensor[] => {
            const left = [...given];
            const parts = terms.map(({ product }) =>
              product ? tf.matMul(left.shift()!, left.shift()!, true) : left.shift()!,
            );
            const all = [...parts];
            // Additions in any order, two neighbours at a time.
            for (let i = 0; parts.length > 1; i++) {
              const at = splits[i % splits.length]! % (parts.length - 1);
              const sum = tf.add(parts[at]!, parts[at + 1]!);
              parts.splice(at, 2, sum);
              all.push(sum);
            }
            return [parts[0]!, tf.neg(all[shown % all.length]!)];
          };
          await joined(fn, xs);
        },
      ),
      { numRuns: 60, seed: 1 },
    ));

  it("of few products of many rows are left alone: to join them would move more numbers", async () => {
    const many = (...[a, b, c, d]: tf.Tensor[]): tf.Tensor[] => [
      tf.add(tf.matMul(a!, b!, true), tf.matMul(c!, d!, true)),
    ];
    const { graph, after } = await joined(many, matrices("long", [[90, 4], [90, 5], [90, 4], [90, 5]])); // prettier-ignore
    expect(after).toBe(graph);
  });
});
