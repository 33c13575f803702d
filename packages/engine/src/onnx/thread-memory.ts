/** The numbers of runs in another thread, in memory that threads share. */
import type { DType, TypedArray } from "../graph.js";
import { isRange, putNumbers, type NormalRange, type Numbers } from "../normal-range.js";
import { zeros } from "./result-arrays.js";
import { isShared, sharedLike } from "./shared-arrays.js";

/** A tensor of a run. The numbers of a feed may lie in several arrays, or be drawn. */
export class Given {
  constructor(
    readonly type: DType,
    readonly data: TypedArray | readonly Numbers[],
    readonly dims: readonly number[],
  ) {}
}

/** Numbers of a tensor in memory that threads share. */
interface Shared {
  readonly name: string;
  readonly type: DType;
  readonly dims: readonly number[];
  /** None where the thread draws. */
  readonly arrays: readonly TypedArray[];
  /** Whether its array stands for numbers that are not shared. */
  readonly inPlace: boolean;
  /** What the thread draws: the two words of the key, start, count, mean and deviation of each range. */
  readonly plan?: Float64Array;
}

/** Numbers of a range in a plan, which `serve` of thread.ts reads. */
const PLANNED = 6;

function setPlan(plan: Float64Array, ranges: readonly NormalRange[]): void {
  for (const [i, { key, start, count, mean, sd }] of ranges.entries()) {
    const at = PLANNED * i;
    plan[at] = key[0];
    plan[at + 1] = key[1];
    plan[at + 2] = start;
    plan[at + 3] = count;
    plan[at + 4] = mean;
    plan[at + 5] = sd;
  }
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

const piecesOf = ({ data }: Given): readonly Numbers[] => (ArrayBuffer.isView(data) ? [data] : data);

/** The ranges of a feed that is drawn. */
function rangesOf(given: Given): readonly NormalRange[] | undefined {
  const pieces = piecesOf(given);
  return pieces.every(isRange) ? pieces : undefined;
}

/** The arrays of a tensor whose numbers are in shared memory. */
function sharedArrays(given: Given): readonly TypedArray[] | undefined {
  const pieces = piecesOf(given);
  return pieces.every((piece) => !isRange(piece) && isShared(piece)) ? (pieces as readonly TypedArray[]) : undefined;
}

/** Whether two arrays are the same numbers in shared memory. */
const isSame = (a: TypedArray, b: TypedArray): boolean =>
  a === b || (a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length);

/** Memory that a run shares with the thread, used again by later runs. */
export class SharedMemory {
  private arrays: Arrays | undefined;

  /**
   * @param number by which the thread knows it
   * @param draws whether the thread can draw
   */
  constructor(
    readonly number: number,
    private readonly draws: boolean,
  ) {}

  /**
   * Holds the numbers of the feeds, and the arrays of the results: the given arrays themselves where
   * they are shared, others in their place where they are not.
   *
   * @returns the arrays, if they are others than before
   */
  hold(feeds: Feeds, fetches: Fetches | undefined): Arrays | undefined {
    const known = this.arrays;
    const arrays = known !== undefined && this.fits(feeds, fetches) ? known : this.arraysFor(feeds, fetches);
    this.arrays = arrays;
    for (const { name, arrays: own, inPlace, plan } of arrays.feeds) {
      if (plan !== undefined) setPlan(plan, rangesOf(feeds[name]!)!);
      else if (inPlace) putNumbers(piecesOf(feeds[name]!), own[0]!);
    }
    return arrays === known ? undefined : arrays;
  }

  /** Writes the results to the given arrays, where these are not those of the thread. */
  hand(fetches: Fetches | undefined): void {
    for (const { name, arrays, inPlace } of this.arrays!.results ?? [])
      if (inPlace) putNumbers(arrays, fetches![name]!.data as TypedArray);
  }

  /** Whether the thread knows the given arrays, or others in their place. */
  private fits(feeds: Feeds, fetches: Fetches | undefined): boolean {
    const { feeds: read, results } = this.arrays!;
    for (const one of read) if (!this.standsFor(one, feeds[one.name]!)) return false;
    if (results === undefined || fetches === undefined) return results === fetches;
    for (const one of results) {
      const given = fetches[one.name];
      if (given === undefined || given === null || !this.standsFor(one, given)) return false;
    }
    return true;
  }

  /** Whether the thread has what is given, or an array in its place. */
  private standsFor({ arrays, inPlace, plan }: Shared, given: Given): boolean {
    if (plan !== undefined) return rangesOf(given)?.length === plan.length / PLANNED;
    const those = sharedArrays(given);
    if (inPlace) return those === undefined && !this.isDrawn(given);
    return those?.length === arrays.length && arrays.every((array, i) => isSame(array, those[i]!));
  }

  private isDrawn(given: Given): boolean {
    return this.draws && rangesOf(given) !== undefined;
  }

  private sharedFor(name: string, given: Given): Shared {
    const { type, dims } = given;
    const arrays = sharedArrays(given);
    if (arrays !== undefined) return { name, type, dims, arrays, inPlace: false };
    if (!this.isDrawn(given)) {
      return { name, type, dims, arrays: [sharedLike(zeros({ shape: dims, dtype: type }))], inPlace: true };
    }
    const bytes = Float64Array.BYTES_PER_ELEMENT * PLANNED * rangesOf(given)!.length;
    return { name, type, dims, arrays: [], inPlace: false, plan: new Float64Array(new SharedArrayBuffer(bytes)) };
  }

  private arraysFor(feeds: Feeds, fetches: Fetches | undefined): Arrays {
    const given = fetches && Object.entries(fetches);
    return {
      feeds: Object.entries(feeds).map(([name, one]) => this.sharedFor(name, one)),
      results: given?.flatMap(([name, one]) => (one === null ? [] : [this.sharedFor(name, one)])),
      others: given?.flatMap(([name, one]) => (one === null ? [name] : [])) ?? [],
    };
  }
}
