/** Selections by one boolean become a branch, with the same bits. */
import * as tf from "@tensorflow/tfjs-core";
import { globalNorm, sgd, skipUnsound } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "../src/index.js";
import type { GraphNode } from "../src/graph.js";
import { branchOnSelections, type Side } from "../src/passes/branches.js";
import { structuredGraph } from "./structured-graph.js";

type Tensors = readonly tf.Tensor[];

beforeAll(() => useEngine("cpu"));

const large = (name: string): tf.Tensor => random.normal(random.key(name), [100, 120]);

/** The branches of a function's graph, after a check that they give the bits of the selections. */
async function branches(fn: (...xs: tf.Tensor[]) => Tensors, xs: Tensors): Promise<GraphNode[]> {
  return branchOnSelections(await structuredGraph(fn, xs)).nodes.filter(({ kernel }) => kernel === "Branch");
}
const kernelsOf = (branch: GraphNode, name: "then" | "otherwise"): string[] =>
  (branch.attrs[name] as Side).nodes.map(({ kernel }) => kernel);

/** A step that is taken where the slope is finite. */
const guarded = (...[x, slope]: tf.Tensor[]): Tensors => {
  const sound = tf.isFinite(tf.sum(tf.square(slope!)));
  const speed = tf.mul(0.9, slope!);
  return [tf.where(sound, tf.sub(x!, speed), x!), tf.where(sound, speed, tf.zerosLike(x!)), tf.cast(sound, "float32")];
};

describe("an update that is kept where it is sound", () => {
  it("is computed in a branch", async () => {
    const [branch, ...others] = await branches(guarded, [large("x"), large("slope")]);
    expect(others).toEqual([]);
    expect(kernelsOf(branch!, "then")).toEqual(["Multiply", "Sub"]);
    expect(kernelsOf(branch!, "otherwise")).toEqual([]);
  });

  it("is left where it is not", async () => {
    const slope = tf.mul(large("slope"), tf.scalar(1e30));
    expect(await branches(guarded, [large("x"), slope])).toHaveLength(1);
    expect(await branches(guarded, [large("x"), tf.fill([100, 120], NaN)])).toHaveLength(1);
  });
});

it("a costly side of a small selection is computed in a branch, also inside another one", async () => {
  const careful = (x: tf.Tensor): tf.Tensor => {
    const sum = tf.sum(tf.square(x));
    const largest = tf.max(tf.abs(x));
    const root = (of: tf.Tensor) => tf.sqrt(tf.where(tf.equal(of, 0), 1, of));
    return tf.where(tf.less(sum, 1e30), root(sum), tf.mul(largest, root(tf.sum(tf.square(tf.div(x, largest))))));
  };
  const shortened = (x: tf.Tensor, y: tf.Tensor) => tf.where(tf.greater(tf.mean(y), 5), tf.div(x, careful(x)), y);
  for (const size of [1, 1e18]) {
    const x = tf.mul(large("x"), size);
    expect(kernelsOf((await branches((at) => [careful(at!)], [x]))[0]!, "otherwise")).toContain("Abs");
    for (const y of [large("y"), tf.add(large("y"), 9)]) {
      const [outer, ...others] = await branches((a, b) => [shortened(a!, b!)], [x, y]);
      expect(others).toEqual([]);
      expect(kernelsOf(outer!, "then")).toContain("Branch");
    }
  }
});

it("careful norms of parts of a gradient are computed in branches, also beside an update that is skipped where unsound", async () => {
  const optimizer = skipUnsound(sgd({ learningRate: 0.1 }));
  const step = (...[a, b]: tf.Tensor[]): Tensors => {
    const gradient = { a: tf.sin(a!), b: tf.sin(b!) };
    const moved = optimizer.update({ a: a!, b: b! }, gradient, optimizer.init({ a: a!, b: b! }));
    return [moved.params.a, moved.params.b, globalNorm(gradient.a), globalNorm(gradient.b)];
  };
  for (const size of [1, 1e18]) {
    const graph = branchOnSelections(await structuredGraph(step, [tf.mul(large("a"), size), large("b")]));
    const outside = graph.nodes.map(({ kernel }) => kernel);
    expect(outside.filter((kernel) => kernel === "Branch")).toHaveLength(3);
    expect(outside.filter((kernel) => kernel === "Abs" || kernel === "Max")).toEqual([]);
  }
});

it("a reduction of many numbers to few is a costly side", async () => {
  const ofLargeRows = (x: tf.Tensor): tf.Tensor =>
    tf.where(tf.less(tf.max(tf.slice(x, 0, 1)), 9), tf.zeros([100]), tf.mean(x, 1));
  for (const shift of [0, 20]) {
    const x = tf.add(large("x"), shift);
    const [branch, ...others] = await branches((at) => [ofLargeRows(at!)], [x]);
    expect(others).toEqual([]);
    expect(kernelsOf(branch!, "otherwise")).toEqual(["Mean"]);
  }
});

it("what others read stays outside", async () => {
  const [branch] = await branches(
    (x, y) => {
      const sum = tf.tanh(tf.add(x!, y!));
      return [tf.where(tf.greater(tf.mean(x!), 0), tf.exp(sum), tf.sin(y!)), tf.sum(sum)];
    },
    [large("x"), large("y")],
  );
  expect(kernelsOf(branch!, "then")).toEqual(["Exp"]);
  expect(kernelsOf(branch!, "otherwise")).toEqual(["Sin"]);
});

it("selections that read selections keep their order", async () => {
  const found = await branches(
    (x, y) => {
      const condition = tf.greater(tf.mean(x!), 5);
      const first = tf.where(condition, x!, y!);
      const second = tf.where(condition, tf.exp(first), tf.tanh(tf.add(first, x!)));
      return [first, second, tf.where(tf.less(tf.mean(second), 1), second, x!)];
    },
    [large("x"), large("y")],
  );
  expect(found).toHaveLength(2);
});

it("small selections, and those by more than one boolean, are none", async () => {
  const small = (x: tf.Tensor, y: tf.Tensor) => tf.where(tf.greater(tf.mean(x), 0), tf.exp(x), y);
  const rows = tf.slice(large("x"), [0, 0], [3, 4]);
  expect(await branches((x, y) => [small(x!, y!)], [rows, tf.neg(rows)])).toEqual([]);
  const each = (x: tf.Tensor, y: tf.Tensor) => tf.where(tf.greater(x, 0), tf.exp(x), y);
  expect(await branches((x, y) => [each(x!, y!)], [large("x"), large("y")])).toEqual([]);
});
