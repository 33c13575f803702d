/**
 * Arrays of results that later results are written to.
 *
 * The array of a disposed tensor is used again, unless something other than a program has read it.
 * TensorFlow.js gives readers the array itself, and they may keep it or a part of it.
 */
import * as tf from "@tensorflow/tfjs-core";
import { numbersOf } from "../numbers.js";
import { sizeOf, type TensorSpec, type TypedArray } from "../graph.js";

/** The array of a tensor that a program returned. */
interface Held {
  /** Weak, so that the memory of results is freed where no later run asks for it. */
  readonly array: WeakRef<TypedArray>;
  readonly isDisposed: () => boolean;
  /** Whether something other than a program has read it. */
  isSeen: boolean;
  /** Number of runs under way that read it. */
  runs: number;
}

/** By the identity that a tensor shares with its clones. */
const heldArrays = new WeakMap<object, Held>();

/** Results that are still alive are forgotten beyond this number. Their arrays are not used again. */
const MOST_REMEMBERED = 4;

/** The arrays of one result of a program. */
export class ResultArrays {
  private past: Held[] = [];

  constructor(private readonly spec: TensorSpec) {}

  /** An array for the result, with any numbers in it. */
  take(): TypedArray {
    for (const held of this.past) {
      const array = held.array.deref();
      if (array === undefined || held.isSeen || !held.isDisposed() || held.runs > 0) continue;
      this.past = this.past.filter((one) => one !== held);
      return array;
    }
    return tf.util.makeZerosTypedArray(sizeOf(this.spec.shape), this.spec.dtype) as TypedArray;
  }

  /** The result as a tensor of its array. */
  tensor(array: TypedArray): tf.Tensor {
    const tensor = tf.tensor(array, [...this.spec.shape], this.spec.dtype);
    const held = watched(tensor.dataId, array);
    if (held !== undefined) this.past = [...this.past, held].slice(-MOST_REMEMBERED);
    return tensor;
  }
}

/** Watches who reads the array. Undefined where the backend does not keep the array itself. */
function watched(dataId: object, array: TypedArray): Held | undefined {
  const { data } = tf.backend() as tf.KernelBackend & { readonly data?: unknown };
  if (!(data instanceof tf.DataStorage)) return undefined;
  const entry = data.get(dataId) as { values?: unknown };
  if (entry.values !== array) return undefined;
  const held = { array: new WeakRef(array), isDisposed: () => !data.has(dataId), isSeen: false, runs: 0 };
  const get = (): TypedArray => {
    held.isSeen = true;
    return array;
  };
  Object.defineProperty(entry, "values", { get, enumerable: true, configurable: true });
  heldArrays.set(dataId, held);
  return held;
}

/** Numbers that a run reads. */
interface Read {
  readonly numbers: TypedArray;
  /** Ends the reading. Until then no result is written to the array, also if the tensor is disposed. */
  end(): void;
}

/** Reads the numbers of a tensor for a run. */
export function readForRun(tensor: tf.Tensor): Read | undefined {
  const held = heldArrays.get(tensor.dataId);
  const array = held?.array.deref();
  if (held === undefined || array === undefined || held.isSeen) return undefined;
  held.runs += 1;
  return {
    numbers: tf.util.toTypedArray(array, tensor.dtype) as TypedArray,
    end() {
      held.runs -= 1;
    },
  };
}

/** The numbers of all feeds of a run, and what ends the reading. */
export function readFeeds(feeds: readonly (tf.Tensor | TypedArray)[]): { numbers: TypedArray[]; end: () => void } {
  const reads: Read[] = [];
  const numbers = feeds.map((feed) => {
    if (!(feed instanceof tf.Tensor)) return feed;
    const read = readForRun(feed);
    if (read === undefined) return numbersOf(feed);
    reads.push(read);
    return read.numbers;
  });
  return { numbers, end: () => reads.forEach((read) => read.end()) };
}
