import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { random, tree, type Tree } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Trees of whole numbers with arbitrary names, including "__proto__" and "1". */
const trees: fc.Arbitrary<Tree<number>> = fc.letrec<{ tree: Tree<number> }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.integer(),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("__proto__", "1", "10", "2")), tie("tree"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).tree;

/** The same tree, with the names of every object inserted in reverse order. */
function reversed(value: Tree<number>): Tree<number> {
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return (value as readonly Tree<number>[]).map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, child]) => [name, reversed(child)]),
  );
}

describe("laws", () => {
  it("map of the identity is the identity", () => {
    fc.assert(
      fc.property(trees, (t) => {
        expect(tree.map((x: number) => x, t)).toEqual(t);
      }),
    );
  });

  it("map of a composition is the composition of maps", () => {
    const [f, g] = [(x: number) => x + 1, (x: number) => x * 2];
    fc.assert(
      fc.property(trees, (t) => {
        expect(tree.map((x: number) => g(f(x)), t)).toEqual(tree.map(g, tree.map(f, t)));
      }),
    );
  });

  it("unflatten undoes flatten", () => {
    fc.assert(
      fc.property(trees, (t) => {
        const { leaves, structure } = tree.flatten(t);
        expect(tree.unflatten(structure, leaves)).toEqual(t);
      }),
    );
  });

  it("flatten undoes unflatten, also after the structure was written as JSON", () => {
    fc.assert(
      fc.property(trees, (t) => {
        const { leaves, structure } = tree.flatten(t);
        const fresh = leaves.map((_, i) => i);
        const again = tree.flatten(tree.unflatten(JSON.parse(JSON.stringify(structure)) as typeof structure, fresh));
        expect(again).toEqual({ leaves: fresh, structure });
      }),
    );
  });

  it("the order in which names were put in does not matter", () => {
    fc.assert(
      fc.property(trees, (t) => {
        const [a, b] = [tree.flatten(t), tree.flatten(reversed(t))];
        expect(b.leaves).toEqual(a.leaves);
        expect(JSON.stringify(b.structure)).toBe(JSON.stringify(a.structure));
      }),
    );
  });

  it("equal structure text means equal structure", () => {
    fc.assert(
      fc.property(trees, trees, (a, b) => {
        const same = JSON.stringify(tree.structure(a)) === JSON.stringify(tree.structure(b));
        if (same) expect(() => tree.zip((x: number, y: number) => x + y, a, b)).not.toThrow();
        else expect(() => tree.zip((x: number, y: number) => x + y, a, b)).toThrow(/zip trees of one structure/);
      }),
    );
  });

  it("zip with itself doubles every leaf", () => {
    fc.assert(
      fc.property(trees, (t) => {
        expect(tree.zip((x: number, y: number) => x + y, t, t)).toEqual(tree.map((x: number) => x + x, t));
      }),
    );
  });
});

describe("tree", () => {
  it("sorts names and keeps array order", () => {
    expect(tree.leaves<number>({ b: 1, a: [3, 2], "10": 4, "2": 5 })).toEqual([4, 5, 3, 2, 1]);
  });

  it("names the leaves by their paths", () => {
    const params = {
      energy: {
        layers: [
          { weight: 1, bias: 2 },
          { weight: 3, bias: 4 },
        ],
      },
      scale: 5,
    };
    expect(tree.paths(params)).toEqual([
      "energy.layers.0.bias",
      "energy.layers.0.weight",
      "energy.layers.1.bias",
      "energy.layers.1.weight",
      "scale",
    ]);
    expect(tree.paths(7)).toEqual([""]);
    expect(tree.paths({ "layers.0.weight": 1 })).toEqual(["layers.0.weight"]);
    expect(() => tree.paths({ "a.b": 1, a: { b: 2 } })).toThrow(/two leaves are both called "a.b"/);
  });

  it("takes keys, tensors, null, text and class instances for leaves, plain objects of any kind for branches", () => {
    const key = random.key(0);
    for (const leaf of [key, tf.scalar(1), null, undefined, "text", 3, new Map(), new Float32Array(2), () => 1]) {
      expect(tree.leaves<unknown>(leaf as never)).toEqual([leaf]);
      expect(tree.isLeaf(leaf)).toBe(true);
    }
    expect(tree.isLeaf([])).toBe(false);
    expect(tree.isLeaf({})).toBe(false);
    expect(tree.isLeaf(Object.create(null))).toBe(false);
  });

  it("passes the leaf alone, so functions with optional arguments can be used as they are", () => {
    const sums = tree.map(tf.sum, { a: tf.ones([2, 2]) });
    expect(sums.a.shape).toEqual([]);
  });

  it("keeps the type of a tree of tensors", () => {
    const params = { weight: tf.zeros([2, 3]), layers: [tf.zeros([1])] };
    expectTypeOf(tree.map((x) => tf.square(x), params)).toEqualTypeOf(params);
    expectTypeOf(tree.map((x) => x.size, params)).toEqualTypeOf<{ weight: number; layers: number[] }>();
    expectTypeOf(tree.zip((a, b) => tf.add(a, b), params, params)).toEqualTypeOf(params);
    expect(tree.map((x) => x.size, params)).toEqual({ weight: 6, layers: [1] });
  });

  it("counts numbers, and only of tensors", () => {
    expect(tree.sizeOf({ a: tf.zeros([2, 3]), b: [tf.scalar(1), tf.zeros([0, 4])] })).toBe(7);
    expect(() => tree.sizeOf({ a: [3] } as never)).toThrow(/the leaf at "a.0" is 3, expected a tensor/);
  });

  it("disposes tensors and nothing else; clones outlive their originals", () => {
    const before = tf.memory().numTensors;
    const key = random.key(1);
    const original = { x: tf.tensor1d([1, 2]), key, name: "state" };
    const copy = tree.clone(original);
    expect(copy.key).toBe(key);
    tree.dispose(original);
    tree.dispose(original);
    expect([...copy.x.dataSync()]).toEqual([1, 2]);
    tree.dispose(copy);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, unknown, unknown, string]>([
    [
      "other names",
      { a: 1 },
      { b: 1 },
      "tree 2 has names {b} at the root, expected {a} as in tree 1; zip trees of one structure",
    ],
    [
      "other length",
      { a: [1, 2] },
      { a: [1] },
      "tree 2 has 1 items at a, expected an array of 2 as in tree 1; zip trees of one structure",
    ],
    [
      "leaf for branch",
      { a: { b: [1] } },
      { a: { b: 1 } },
      "tree 2 has no array at a.b, expected an array of 1 as in tree 1; zip trees of one structure",
    ],
    [
      "branch for leaf",
      { a: 1 },
      { a: {} },
      "tree 2 has a branch at a, expected a leaf as in tree 1; zip trees of one structure",
    ],
  ])("zip says where trees differ: %s", (_, a, b, message) => {
    expect(() => tree.zip((x: number) => x, a as Tree<number>, b as Tree<number>)).toThrow(message);
  });

  it("unflatten wants the right number of leaves", () => {
    const { structure } = tree.flatten<number>({ a: 1, b: 2 });
    expect(() => tree.unflatten(structure, [1])).toThrow(/1 leaves were given, expected 2/);
    expect(() => tree.unflatten(structure, [1, 2, 3])).toThrow(/3 leaves were given, expected 2/);
  });
});

describe("a tree that contains itself", () => {
  const list: unknown[] = [1];
  list.push(list);
  const record: Record<string, unknown> = { x: 1, inside: { up: [] } };
  (record["inside"] as { up: unknown[] }).up.push(record);
  const functions: [string, (t: never) => unknown][] = [
    ["map", (t) => tree.map((x: number) => x, t)],
    ["zip", (t) => tree.zip((x: number) => x, t, t)],
    ["flatten", (t) => tree.flatten(t)],
    ["leaves", (t) => tree.leaves(t)],
    ["paths", (t) => tree.paths(t)],
    ["structure", (t) => tree.structure(t)],
    ["dispose", (t) => tree.dispose(t)],
    ["sizeOf", (t) => tree.sizeOf(t)],
    ["clone", (t) => tree.clone(t)],
  ];

  it.each(functions)("is refused by %s, with the place", (name, work) => {
    const numbers = name === "sizeOf" ? { up: [] as unknown[] } : undefined;
    if (numbers !== undefined) numbers.up.push(numbers);
    expect(() => work((numbers ?? record) as never)).toThrow(
      `the tree contains itself at ${numbers === undefined ? "inside.up.0" : "up.0"}, expected branches that end in leaves`,
    );
    expect(() => work((numbers ?? list) as never)).toThrow(/the tree contains itself/);
  });

  it("is told from one that holds the same branch twice", () => {
    const shared = { x: 1 };
    expect(tree.leaves<number>({ a: shared, b: [shared, shared] })).toEqual([1, 1, 1]);
  });

  it("and one that is too deep for the stack are refused alike", () => {
    let deep: Tree<number> = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(() => tree.leaves(deep)).toThrow(/more than 500 branches inside one another/);
  });
});
