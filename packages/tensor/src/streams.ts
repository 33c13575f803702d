/**
 * Streams of random numbers, by loops in WebAssembly (streams.wat).
 *
 * A stream is made of blocks, each with a generator of its own. Any part of it can therefore be made
 * alone, also by another thread.
 *
 * The numbers are those of `fillUint32` and `fillNormal`, bit by bit. Those functions fill short
 * arrays, and all arrays where WebAssembly is forbidden, at less than half the speed.
 */
import { streamsBinary } from "./streams-binary.js";
import { rotations, threefry2x32, type Words } from "./threefry.js";
import { lazyWebAssembly } from "./web-assembly.js";
import { fillUint32, xoshiroState, type XoshiroState } from "./xoshiro.js";
import { chordBounds, edge, fillNormal, height, quickSteps, stepWidths } from "./ziggurat.js";

/** Words or normals of a block, as in streams.wat. */
export const BLOCK = 256;
/** Results of a call of the loops: what stays in the processor's first cache. At most 8192. */
export const MOST_AT_ONCE = 2048;
/** Lengths below which a call takes longer than the loops gain. */
const WORTHWHILE = { words: 128, normals: 16 };

/** The counter word of draws, which derivations never use. */
const drawing = 0x80000000;

/** The generator of a block in the stream of a key, seeded with 128 bits from two Threefry blocks. */
export function blockState(key: Words, block: number): XoshiroState {
  const [a, b] = threefry2x32(key, [2 * block, drawing]);
  const [c, d] = threefry2x32(key, [2 * block + 1, drawing]);
  return xoshiroState(a, b, c, d);
}

/** What streams.wat exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  words(k0: number, k1: number, block: number, count: number): void;
  uniforms(
    k0: number,
    k1: number,
    block: number,
    count: number,
    start: number,
    step: number,
    end: number,
    last: number,
  ): void;
  normals(
    k0: number,
    k1: number,
    block: number,
    skip: number,
    count: number,
    mean: number,
    sd: number,
    at: number,
  ): void;
}

/** What the memory of streams.wat holds, each from its place on. */
const tables: readonly (readonly [number, Uint8Array | Float32Array | Float64Array])[] = [
  [0, Uint8Array.from(rotations)],
  [1024, Float32Array.from([...quickSteps].flatMap((steps, i) => [stepWidths[i]!, steps + 0.5]))],
  [5120, edge],
  [7424, height],
  [9728, chordBounds],
];

/** Numbers of an array from which on it gets memory of its own, which takes address space. */
const LARGE = 2 ** 16;

const layout = { block: BLOCK, most: MOST_AT_ONCE, large: LARGE, results: 24576, page: 65536 };

/** Normals of streams. */
export interface NormalStreams {
  /** Fills `out` with the numbers of a stream of N(mean, sd²) variates, from number `start` on. */
  fill(key: Words, out: Float32Array, mean: number, sd: number, start?: number): void;
  /** An array to be filled again and again, in memory where normals are written without a copy. */
  newArray(length: number): Float32Array<ArrayBuffer>;
}

/** Gives an instance its tables. Threads run it too: it uses nothing but its arguments. */
function withTables(exports: Exports, contents: typeof tables): Exports {
  const { buffer } = exports.memory;
  for (const [at, table] of contents) new (table.constructor as Uint8ArrayConstructor)(buffer, at).set(table);
  return exports;
}

/**
 * Normals by instances of streams.wat. Threads run it too: it uses nothing but its arguments, and
 * functions in it are methods, because bundlers that keep names call a function of their own for
 * others.
 *
 * @param instance makes a new instance
 */
function normalsBy(
  shared: Exports,
  instance: () => Exports,
  { block, most, large, results, page }: typeof layout,
): NormalStreams {
  const scratch = new Float32Array(shared.memory.buffer, results, most);
  /** The instances in whose memory arrays are. */
  const owners = new WeakMap<ArrayBufferLike, Exports>();
  let isRefused = false;
  return {
    fill(key, out, mean, sd, start = 0) {
      const own = owners.get(out.buffer);
      for (let from = 0; from < out.length;) {
        const skip = (start + from) % block;
        const first = (start + from - skip) / block;
        const left = out.length - from;
        if (own !== undefined) return own.normals(key[0], key[1], first, skip, left, mean, sd, out.byteOffset);
        const count = Math.min(most - skip, left);
        shared.normals(key[0], key[1], first, skip, count, mean, sd, results);
        out.set(scratch.subarray(0, count), from);
        from += count;
      }
    },
    newArray(length) {
      if (length < large || isRefused) return new Float32Array(length);
      try {
        const own = instance();
        // `normals` reads and restores 16 bytes behind the array.
        own.memory.grow(Math.ceil((4 * length + 16) / page));
        owners.set(own.memory.buffer, own);
        return new Float32Array(own.memory.buffer, page, length);
      } catch {
        // The address space is limited, and the engine takes a tenth of a second to find that out.
        isRefused = true;
        return new Float32Array(length);
      }
    },
  };
}

/** The loops where WebAssembly works. */
const loops = lazyWebAssembly(
  streamsBinary,
  (exports: Exports, again) => {
    const shared = withTables(exports, tables);
    const { buffer } = shared.memory;
    return {
      words: new Uint32Array(buffer, layout.results, MOST_AT_ONCE),
      uniforms: new Float32Array(buffer, layout.results, MOST_AT_ONCE),
      fillWords: shared.words,
      fillUniforms: shared.uniforms,
      normals: normalsBy(shared, () => withTables(again(), tables), layout),
    };
  },
  { Math },
);

/** Fills `out` from results of the loops. Each call makes `count` of them, from the start of a block on. */
function inCalls<A extends Uint32Array | Float32Array>(
  out: A,
  results: A,
  make: (block: number, count: number) => void,
): void {
  for (let from = 0; from < out.length; from += MOST_AT_ONCE) {
    const count = Math.min(MOST_AT_ONCE, out.length - from);
    make(from / BLOCK, count);
    out.set(results.subarray(0, count), from);
  }
}

/** Fills `out` with words of the stream of a key, from the start of a block on. */
export function fillWords(key: Words, block: number, out: Uint32Array): void {
  const wasm = out.length < WORTHWHILE.words ? undefined : loops();
  if (wasm === undefined) {
    for (let from = 0; from < out.length; from += BLOCK) {
      fillUint32(blockState(key, block + from / BLOCK), out.subarray(from, from + BLOCK));
    }
    return;
  }
  inCalls(out, wasm.words, (later, count) => wasm.fillWords(key[0], key[1], block + later, count));
}

/** Uniform numbers: `start` + `step` times 24 random bits, and `last` where that rounds to `end`. */
export interface UniformRange {
  readonly start: number;
  readonly step: number;
  readonly end: number;
  readonly last: number;
}

/**
 * Fills `out` with uniform numbers of the stream of a key, from its first word on.
 *
 * @returns false where words have to be turned into numbers in JavaScript
 */
export function fillUniforms(key: Words, out: Float32Array, { start, step, end, last }: UniformRange): boolean {
  const wasm = out.length < WORTHWHILE.words ? undefined : loops();
  if (wasm === undefined) return false;
  inCalls(out, wasm.uniforms, (block, count) =>
    wasm.fillUniforms(key[0], key[1], block, count, start, step, end, last),
  );
  return true;
}

/**
 * Fills `out` with the numbers `start` to `start + out.length` of the stream of N(mean, sd²) variates
 * of a key.
 */
export function fillNormals(key: Words, out: Float32Array, mean: number, sd: number, start = 0): void {
  const wasm = out.length < WORTHWHILE.normals ? undefined : loops();
  if (wasm !== undefined) return wasm.normals.fill(key, out, mean, sd, start);
  for (let from = start - (start % BLOCK); from < start + out.length; from += BLOCK) {
    const state = blockState(key, from / BLOCK);
    if (from < start) fillNormal(state, new Float32Array(start - from));
    fillNormal(state, out.subarray(Math.max(0, from - start), from + BLOCK - start), mean, sd);
  }
}

/**
 * An array of zeros, to be filled again and again by `fillNormals`. From 65,536 numbers on they are
 * written without a copy, to memory that reserves 10 GB of addresses; where these are limited, or
 * WebAssembly is forbidden, it is an ordinary array.
 */
export const arrayForNormals = (length: number): Float32Array<ArrayBuffer> =>
  loops()?.normals.newArray(length) ?? new Float32Array(length);

/** Code for another thread: source text of a function of `data` that returns what is asked for. */
export interface ThreadCode {
  readonly code: string;
  readonly data: unknown;
}

/** Code for the {@link NormalStreams} of another thread. Undefined where WebAssembly is forbidden. */
export const normalsInThread = (): ThreadCode | undefined =>
  loops() && {
    code: `({ binary, tables, layout }) => {
      const module = new WebAssembly.Module(Buffer.from(binary, "base64"));
      const withTables = ${String(withTables)};
      const instance = () => withTables(new WebAssembly.Instance(module, { Math }).exports, tables);
      return (${String(normalsBy)})(instance(), instance, layout);
    }`,
    data: { binary: streamsBinary, tables, layout },
  };
