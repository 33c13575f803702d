/** Elementwise functions of trees have the same bits on leaves side by side, in fewer kernels. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { random, squaredLength, tree, ValidationError, zipElementwise, type TensorTree } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const shape = fc.oneof(
  fc.constantFrom<number[]>([], [1], [3], [7], [2, 3], [1, 3], [4, 3], [3, 2], [2, 1, 3], [0, 3], [0], [70, 70]),
  fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
);
const shapes = fc.array(shape, { maxLength: 24 });

/** Leaves in arrays inside an object, so that the tree has branches of both kinds. */
const treeOf = (name: string, of: readonly number[][]): TensorTree => {
  const leaves = of.map((one, i) => random.normal(random.fold(random.key(name), i), one));
  return { even: leaves.filter((_, i) => i % 2 === 0), odd: { leaves: leaves.filter((_, i) => i % 2 === 1) } };
};

/** All numbers with their shapes and types, leaf by leaf. */
const described = (values: TensorTree): unknown[] =>
  tree.leaves(values).map((leaf) => [leaf.shape, leaf.dtype, [...leaf.dataSync()]]);

const kernelsOf = async (job: () => TensorTree): Promise<number> =>
  (await tf.profile(() => tree.leaves(job()))).kernels.length;

describe("zipElementwise", () => {
  const fn = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.sub(tf.mul(a, 0.9), tf.div(b, tf.add(tf.square(a), 1e-3)));

  it("computes what tree.zip does, to the bit", () =>
    fc.assert(
      fc.property(shapes, (of) => {
        const [a, b] = [treeOf("a", of), treeOf("b", of)];
        const both = fn as (...leaves: tf.Tensor[]) => tf.Tensor;
        expect(described(zipElementwise(both, a, b))).toEqual(described(tree.zip(both, a, b)));
      }),
      { numRuns: 60 },
    ));

  it("keeps leaves of different types apart", () => {
    const floats = Array.from({ length: 6 }, (_, i) => tf.fill([2], i));
    const whole = Array.from({ length: 6 }, (_, i) => tf.fill([2], i, "int32"));
    const found = zipElementwise((x) => tf.neg(x!), [...floats, ...whole] as TensorTree);
    expect(tree.leaves(found).map(({ dtype }) => dtype)).toEqual([
      ...floats.map(() => "float32"),
      ...whole.map(() => "int32"),
    ]);
  });

  it("leaves broadcasts to the function, where trees differ in shapes", () => {
    const a = Array.from({ length: 5 }, (_, i) => tf.fill([2, 3], i));
    const b = a.map((_, i) => tf.fill([3], 10 * i));
    const found = zipElementwise((x, y) => tf.add(x!, y!), a, b);
    expect(tree.leaves(found).map((leaf) => [leaf.shape, leaf.dataSync()[5]])).toEqual(
      a.map((_, i) => [[2, 3], 11 * i]),
    );
  });

  it("takes as many kernels for hundreds of vectors as for four", async () => {
    const counts = [4, 400].map((count) => {
      const vectors = Array.from({ length: count }, (_, i) =>
        random.normal(random.fold(random.key("v"), i), [1 + (i % 9)]),
      );
      return kernelsOf(() => zipElementwise(fn as (...leaves: tf.Tensor[]) => tf.Tensor, vectors, vectors));
    });
    const [few, many] = await Promise.all(counts);
    expect(few).toBeGreaterThan(0);
    expect(many).toBe(few);
  });

  it("names the place where trees differ", () => {
    const a = { x: [tf.scalar(1)] };
    expect(() => zipElementwise((x) => x!, a, { x: [tf.scalar(1), tf.scalar(2)] })).toThrow(ValidationError);
  });
});

describe("the squared length of a tree", () => {
  it("is the sum over all its numbers, however they are spread over leaves", () =>
    fc.assert(
      fc.property(shapes, (of) => {
        const values = treeOf("length", of);
        const expected = tree
          .leaves(values)
          .flatMap((leaf) => [...leaf.dataSync()])
          .reduce((sum, x) => sum + x * x, 0);
        expect(Math.abs(squaredLength(values).dataSync()[0]! - expected)).toBeLessThanOrEqual(1e-5 * expected);
      }),
      { numRuns: 60 },
    ));
});
