/**
 * Two data sets as one.
 *
 * - Paired: example i of one belongs to example i of the other.
 * - Unpaired: each side is drawn independently.
 * - Withheld pairs: training never sees a known pairing, which is for evaluation.
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

/** A batch of each side, with equal numbers of examples. */
export type Pair<X, Y> = { readonly x: X; readonly y: Y };

/**
 * Pairs example i of `x` with example i of `y`, in one random order.
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

/**
 * Batches of both sides.
 *
 * It is no `Dataset`, because no example of one side belongs to an example of the other.
 */
export interface UnpairedDataset<X, Y> {
  readonly description: string;
  /** Examples of the larger side. */
  readonly size: number;
  readonly x: IndexedDataset<X>;
  readonly y: IndexedDataset<Y>;
  /**
   * Batches of full size only. A batch may hold the last examples of a pass and the first of the
   * next.
   */
  batches(options: BatchOptions): Batches<Pair<X, Y>>;
}

/**
 * Examples of `x` and of `y`, each side in independent random orders.
 *
 * A pass covers the larger side once.
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

/**
 * Batches of one size from consecutive random orders.
 *
 * Order e is the permutation of `random.fold(key, e)`.
 */
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

/** Unpaired batches for training, and pairs for evaluation. */
export interface WithheldPairs<X, Y> extends UnpairedDataset<X, Y> {
  /** Pairs for evaluation. No training batch holds either side of them. */
  readonly withheld: IndexedDataset<Pair<X, Y>>;
}

export type WithheldPairsOptions = {
  /** Pairs kept for evaluation. */
  readonly withheld: number;
  /** The seed of the choice of pairs, and of the side that each other example is for. Default 0. */
  readonly seed?: number | bigint | string;
};

/**
 * Unpaired training data from two sides whose pairing is known.
 *
 * `withheld` random pairs are kept for evaluation. Half of the others give only their `x`, the
 * other half only their `y`. So training never sees an example and its counterpart.
 *
 * @throws ValidationError at once for a wrong option; from `load` when the sides have different
 * sizes, or fewer than `withheld + 2` examples
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
