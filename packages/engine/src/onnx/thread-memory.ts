/** The numbers of runs in another thread, in memory that threads share. */
import { copied } from "@ergodic/tensor";
import type { TypedArray } from "../graph.js";
import { isShared, sharedLike } from "./shared-arrays.js";

/** A tensor of a run. The numbers of a feed may lie in several arrays. */
export class Given {
  constructor(
    readonly type: string,
    readonly data: TypedArray | readonly TypedArray[],
    readonly dims: readonly number[],
  ) {}
}

/** Numbers of a tensor in memory that threads share. */
interface Shared {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly arrays: readonly TypedArray[];
  /** Whether its array stands for others that are not shared. */
  readonly inPlace: boolean;
}

/** What a run reads and writes. */
export interface Arrays {
  readonly feeds: readonly Shared[];
  /** Undefined where the thread makes arrays for the results. */
  readonly results: readonly Shared[] | undefined;
  /** Outputs of the model that no array is for. */
  readonly others: readonly string[];
}

export type Feeds = Readonly<Record<string, Given>>;
export type Fetches = Readonly<Record<string, Given | null>>;

const arraysOf = ({ data }: Given): readonly TypedArray[] => (ArrayBuffer.isView(data) ? [data] : data);

/** Whether two arrays are the same numbers in shared memory. */
const isSame = (a: TypedArray, b: TypedArray): boolean =>
  a === b || (a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length);

function sharedFor(name: string, given: Given): Shared {
  const { type, dims } = given;
  const arrays = arraysOf(given);
  if (arrays.every(isShared)) return { name, type, dims, arrays, inPlace: false };
  const size = arrays.reduce((sum, { length }) => sum + length, 0);
  return { name, type, dims, arrays: [sharedLike(arrays[0]!, size)], inPlace: true };
}

/** Whether the arrays are those given, or one in place of them. */
function standsFor({ arrays, inPlace }: Shared, given: Given): boolean {
  const those = arraysOf(given);
  if (inPlace) return !those.every(isShared);
  return those.length === arrays.length && arrays.every((array, i) => isSame(array, those[i]!));
}

/** Memory that a run shares with the thread, used again by later runs. */
export class SharedMemory {
  private arrays: Arrays | undefined;

  /** @param number by which the thread knows it */
  constructor(readonly number: number) {}

  /**
   * Holds the numbers of the feeds, and the arrays of the results: the given arrays themselves where
   * they are shared, others in their place where they are not.
   *
   * @returns the arrays, if they are others than before
   */
  hold(feeds: Feeds, fetches: Fetches | undefined): Arrays | undefined {
    const known = this.arrays;
    const arrays = known !== undefined && this.fits(feeds, fetches) ? known : arraysFor(feeds, fetches);
    this.arrays = arrays;
    for (const {
      name,
      arrays: [array],
      inPlace,
    } of arrays.feeds)
      if (inPlace) copied(arraysOf(feeds[name]!), array!);
    return arrays === known ? undefined : arrays;
  }

  /** Writes the results to the given arrays, where these are not those of the thread. */
  hand(fetches: Fetches | undefined): void {
    for (const { name, arrays, inPlace } of this.arrays!.results ?? [])
      if (inPlace) copied(arrays, fetches![name]!.data as TypedArray);
  }

  /** Whether the thread knows the given arrays, or others in their place. */
  private fits(feeds: Feeds, fetches: Fetches | undefined): boolean {
    const { feeds: read, results } = this.arrays!;
    for (const one of read) if (!standsFor(one, feeds[one.name]!)) return false;
    if (results === undefined || fetches === undefined) return results === fetches;
    for (const one of results) {
      const given = fetches[one.name];
      if (given === undefined || given === null || !standsFor(one, given)) return false;
    }
    return true;
  }
}

function arraysFor(feeds: Feeds, fetches: Fetches | undefined): Arrays {
  const given = fetches && Object.entries(fetches);
  return {
    feeds: Object.entries(feeds).map(([name, one]) => sharedFor(name, one)),
    results: given?.flatMap(([name, one]) => (one === null ? [] : [sharedFor(name, one)])),
    others: given?.flatMap(([name, one]) => (one === null ? [name] : [])) ?? [],
  };
}
