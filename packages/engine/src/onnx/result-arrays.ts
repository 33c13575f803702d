/**
 * Arrays of results that later results are written to.
 *
 * The array of a disposed tensor is used again, unless something other than a program has read it.
 * TensorFlow.js gives readers the array itself, and they may keep it or a part of it.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Numbers } from "../normal-range.js";
import { numbersOf } from "../numbers.js";
import { sizeOf, type TensorSpec, type TypedArray } from "../graph.js";

/** What the backend keeps of a tensor. */
type Entry = { readonly values?: unknown };

/** The array of a tensor that a program returned. */
class Held {
  /** Weak, so that the memory of results is freed where no later run asks for it. */
  private readonly array: WeakRef<TypedArray>;
  /** Whether something other than a program has read it. */
  isSeen = false;
  /** Number of runs under way that read it. */
  runs = 0;

  constructor(
    private readonly entries: tf.DataStorage<Entry>,
    private readonly dataId: object,
    array: TypedArray,
  ) {
    this.array = new WeakRef(array);
  }

  /** The array, unless something other than a program has it or may have it. */
  get own(): TypedArray | undefined {
    return this.isSeen ? undefined : this.array.deref();
  }

  get isFree(): boolean {
    return this.runs === 0 && !this.entries.has(this.dataId);
  }
}

/** By the identity that a tensor shares with its clones. */
const heldArrays = new WeakMap<object, Held>();

/** The same by what the backend keeps, which has the array. */
const readable = new WeakMap<Entry, { readonly held: Held; readonly array: TypedArray }>();

/** In place of the array that the backend keeps: notes that it is read. */
const noting: PropertyDescriptor = {
  get(this: Entry) {
    const { held, array } = readable.get(this)!;
    held.isSeen = true;
    return array;
  },
  enumerable: true,
  configurable: true,
};

/** Results that are still alive are forgotten beyond this number. Their arrays are not used again. */
const MOST_REMEMBERED = 4;

/** Arrays of fewer numbers are made in less time than they are remembered. */
const FEWEST_NUMBERS = 1024;

/** An array of zeros for these numbers. */
export const zeros = ({ shape, dtype }: TensorSpec): TypedArray =>
  tf.util.makeZerosTypedArray(sizeOf(shape), dtype) as TypedArray;

/** The arrays of one result of a program. */
export class ResultArrays {
  private readonly past: Held[] = [];

  constructor(private readonly spec: TensorSpec) {}

  /** An array for the result, with any numbers in it. */
  take(): TypedArray {
    for (const [i, held] of this.past.entries()) {
      const array = held.isFree ? held.own : undefined;
      if (array === undefined) continue;
      this.past.splice(i, 1);
      return array;
    }
    return zeros(this.spec);
  }

  /** The result as a tensor of its array. */
  tensor(array: TypedArray): tf.Tensor {
    const tensor = tf.engine().makeTensor(array, [...this.spec.shape], this.spec.dtype);
    const held = array.length < FEWEST_NUMBERS ? undefined : watched(tensor.dataId, array);
    if (held === undefined) return tensor;
    this.past.push(held);
    if (this.past.length > MOST_REMEMBERED) this.past.shift();
    return tensor;
  }
}

/** Watches who reads the array. Undefined where the backend does not keep the array itself. */
function watched(dataId: object, array: TypedArray): Held | undefined {
  const { data } = tf.backend() as tf.KernelBackend & { readonly data?: unknown };
  if (!(data instanceof tf.DataStorage)) return undefined;
  const entry = data.get(dataId) as Entry;
  if (entry.values !== array) return undefined;
  const held = new Held(data as tf.DataStorage<Entry>, dataId, array);
  readable.set(entry, { held, array });
  Object.defineProperty(entry, "values", noting);
  heldArrays.set(dataId, held);
  return held;
}

/** The numbers of all feeds of a run. */
class Reading<N extends Numbers> {
  readonly numbers: (TypedArray | N)[] = [];
  private readonly held: Held[] = [];

  constructor(feeds: readonly (tf.Tensor | N)[]) {
    for (const feed of feeds) this.numbers.push(feed instanceof tf.Tensor ? this.numbersOf(feed) : feed);
  }

  private numbersOf(tensor: tf.Tensor): TypedArray {
    const held = heldArrays.get(tensor.dataId);
    const array = held?.own;
    if (held === undefined || array === undefined) return numbersOf(tensor);
    held.runs += 1;
    this.held.push(held);
    return tf.util.toTypedArray(array, tensor.dtype) as TypedArray;
  }

  /** Until then no result is written to these arrays, also where their tensors are disposed. */
  end(): void {
    for (const held of this.held) held.runs -= 1;
    this.held.length = 0;
  }
}

/** Reads feeds for a run, until `end`. */
export const readFeeds = <N extends Numbers>(feeds: readonly (tf.Tensor | N)[]): Reading<N> => new Reading(feeds);
