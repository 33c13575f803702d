/**
 * Two data sets as one. Paired: example i of one belongs to example i of the other. Unpaired: each side is drawn on its own. A pairing that
 * is known for evaluation is withheld from training altogether.
 */
import {
  assertInRange,
  assertNonNegativeInteger,
  assertPositiveInteger,
  type Batches,
  type BatchOptions,
  fail,
  random,
} from "@ergodic/tensor";
import type { IndexedDataset, IndexedSource } from "./dataset.js";
import { randomAccess } from "./batching.js";
import { subset } from "./subset.js";

/** A batch of each side, with equally many examples. */
export type Pair<X, Y> = { readonly x: X; readonly y: Y };

/**
 * Example i of `x` with example i of `y`, in one order.
 *
 * @throws ValidationError from `load` when the sides have different sizes
 */
export function paired<X, Y>(x: IndexedSource<X>, y: IndexedSource<Y>): IndexedSource<Pair<X, Y>> {
  return {
    async load() {
      return pairs(await x.load(), await y.load());
    },
  };
}

function pairs<X, Y>(x: IndexedDataset<X>, y: IndexedDataset<Y>): IndexedDataset<Pair<X, Y>> {
  if (x.size !== y.size)
    fail(`x has ${x.size} examples and y has ${y.size}`, "equal numbers, as they belong together", "use `unpaired`");
  return {
    description: `pairs of ${x.description} and ${y.description}`,
    size: x.size,
    ...randomAccess(x.size, (indices) => ({ x: x.take(indices), y: y.take(indices) })),
  };
}

/** Batches of both sides; not a `Dataset`, as no example of one side belongs to an example of the other. */
export interface UnpairedDataset<X, Y> {
  readonly description: string;
  /** Examples of the larger side. */
  readonly size: number;
  readonly x: IndexedDataset<X>;
  readonly y: IndexedDataset<Y>;
  /** Whole batches only: the last examples of a pass come together with the first of the next. */
  batches(options: BatchOptions): Batches<Pair<X, Y>>;
}

/**
 * Examples of `x` and of `y`, each side in random orders of its own. A pass is one over the larger side.
 *
 * @throws ValidationError from `batches` when a batch is larger than a side
 */
export function unpaired<X, Y>(x: IndexedSource<X>, y: IndexedSource<Y>): { load(): Promise<UnpairedDataset<X, Y>> } {
  return {
    async load() {
      return independent(await x.load(), await y.load());
    },
  };
}

function independent<X, Y>(x: IndexedDataset<X>, y: IndexedDataset<Y>): UnpairedDataset<X, Y> {
  const size = Math.max(x.size, y.size);
  return {
    description: `${x.description} and, unpaired, ${y.description}`,
    size,
    x,
    y,
    batches({ batchSize, key }) {
      const [ofX, ofY] = random.split(key) as [typeof key, typeof key];
      const xs = endless(x, { batchSize, key: ofX }, "x");
      const ys = endless(y, { batchSize, key: ofY }, "y");
      return {
        perEpoch: Math.ceil(size / batchSize),
        at: (iteration) => ({ x: xs(iteration), y: ys(iteration) }),
      };
    },
  };
}

/** Batches of one size cut from random orders set one after the other; order e is the permutation of `random.fold(key, e)`. */
function endless<B>(
  dataset: IndexedDataset<B>,
  { batchSize, key }: BatchOptions,
  side: string,
): (iteration: number) => B {
  const { size } = dataset;
  assertPositiveInteger({ batchSize });
  assertInRange({ batchSize }, { max: size }, `${side} has ${size} examples`);
  const orders = new Map<number, Int32Array>();
  const order = (pass: number): Int32Array => {
    const known = orders.get(pass) ?? random.host.permutation(random.fold(key, pass), size);
    if (!orders.has(pass) && orders.size === 2) orders.delete(Math.min(...orders.keys()));
    orders.set(pass, known);
    return known;
  };
  return (iteration) => {
    assertNonNegativeInteger({ iteration });
    const start = iteration * batchSize;
    return dataset.take(
      Int32Array.from({ length: batchSize }, (_, i) => order(Math.floor((start + i) / size))[(start + i) % size]!),
    );
  };
}

/** Unpaired batches to learn from, and pairs to measure with. */
export interface WithheldPairs<X, Y> extends UnpairedDataset<X, Y> {
  /** Pairs of which neither side comes in any training batch. For evaluation. */
  readonly withheld: IndexedDataset<Pair<X, Y>>;
}

export type WithheldPairsOptions = {
  /** Pairs kept for evaluation. */
  readonly withheld: number;
  /** Which ones, and which side the others are for. Default 0. */
  readonly seed?: number | bigint | string;
};

/**
 * Unpaired training data from two sides whose pairing is known. `withheld` random pairs are kept for evaluation; of the others one half gives
 * its `x` alone, the other half its `y` alone, so no example comes in training beside what belongs to it.
 *
 * @throws ValidationError at once for a wrong option; from `load` when the sides have different sizes, or fewer than `withheld + 2` examples
 */
export function withheldPairs<X, Y>(
  x: IndexedSource<X>,
  y: IndexedSource<Y>,
  { withheld, seed = 0 }: WithheldPairsOptions,
): { load(): Promise<WithheldPairs<X, Y>> } {
  assertPositiveInteger({ withheld });
  const key = random.key(seed);
  return {
    async load() {
      const [xs, ys] = [await x.load(), await y.load()];
      const known = pairs(xs, ys);
      assertInRange({ withheld }, { max: known.size - 2 }, `there are ${known.size} pairs, and each side needs one`);
      const order = random.host.permutation(key, known.size);
      const half = withheld + Math.ceil((known.size - withheld) / 2);
      return {
        ...independent(subset(xs, order.slice(withheld, half)), subset(ys, order.slice(half))),
        withheld: subset(known, order.slice(0, withheld)),
      };
    },
  };
}
