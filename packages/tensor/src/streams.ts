/**
 * Long streams of random numbers, by loops in WebAssembly (streams.wat).
 *
 * The numbers are those of `fillUint32` and `fillNormal`, bit by bit. Those functions fill short
 * arrays, and all arrays where WebAssembly is forbidden, at less than half the speed.
 */
import { streamsBinary } from "./streams-binary.js";
import { sharedWork, withoutHelp, type Finish } from "./threads.js";
import { lazyWebAssembly } from "./web-assembly.js";
import { fillUint32, type XoshiroState } from "./xoshiro.js";
import { chordBounds, edge, fillNormal, height, quickSteps, stepWidths } from "./ziggurat.js";

/** Numbers of a block, as in streams.wat: what stays in the processor's cache. */
export const BLOCK = 8192;
/** Lengths below which the copies of the state take longer than the loops gain. */
const WORTHWHILE = { words: 128, normals: 16 };

/**
 * x^n modulo the characteristic polynomial of the generator, by n. Bit i of the 128 bits is the
 * coefficient of x^i. The jump functions of the generator's source have x^(2^64) and x^(2^96) in this
 * form.
 */
const powers = {
  0: [0x00000001, 0x00000000, 0x00000000, 0x00000000],
  512: [0x7b0bf49a, 0x4152f743, 0x44118d9b, 0x38d2b436],
  1024: [0x845a09b1, 0x94b54ba1, 0x503a9ae6, 0x5f7aa4ff],
  1536: [0xc2c4756e, 0xea2a58d5, 0x9dc7649e, 0x32727bce],
  2048: [0x0a1f06b6, 0xece7bc8e, 0x9ab5cf0e, 0x780f1aed],
  4096: [0x8fcff8d3, 0xd66b4f59, 0x07ee277a, 0xeb3e4975],
  6144: [0x383f30c8, 0x3a87eb5a, 0xfb4957e6, 0x9abd6753],
} as const;

/** The polynomials that jump to the starts of four lanes. */
const jumps = (...starts: readonly (keyof typeof powers)[]): Uint32Array =>
  Uint32Array.from([0, 1, 2, 3].flatMap((word) => starts.map((n) => powers[n][word]!)));

/** The functions of streams.wat, and views of its memory. */
interface StreamLoops {
  readonly state: Int32Array;
  readonly words: Uint32Array;
  readonly normals: Float32Array;
  readonly start: (s0: number, s1: number, s2: number, s3: number) => void;
  readonly fillWords: (count: number) => void;
  readonly fillNormals: (count: number, mean: number, sd: number) => void;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly start: StreamLoops["start"];
  readonly words: StreamLoops["fillWords"];
  readonly normals: StreamLoops["fillNormals"];
}

/** What the memory of streams.wat holds, each from its place on. */
const tables: readonly (readonly [number, Uint32Array | Float32Array | Float64Array])[] = [
  [64, jumps(0, 2048, 4096, 6144)],
  [128, jumps(0, 512, 1024, 1536)],
  [1024, Float32Array.from([...quickSteps].flatMap((steps, i) => [stepWidths[i]!, steps + 0.5]))],
  [5120, edge],
  [7424, height],
  [9728, chordBounds],
];

/** The loops with their tables. Threads run it too: it uses nothing but its arguments. */
function streamLoops(
  { memory: { buffer }, start, words, normals }: Exports,
  contents: typeof tables,
  block: number,
): StreamLoops {
  for (const [at, table] of contents) new (table.constructor as Uint32ArrayConstructor)(buffer, at).set(table);
  return {
    state: new Int32Array(buffer, 0, 4),
    words: new Uint32Array(buffer, 16384, block),
    normals: new Float32Array(buffer, 49152, block),
    start,
    fillWords: words,
    fillNormals: normals,
  };
}

const loops = lazyWebAssembly(streamsBinary, (exports: Exports) => streamLoops(exports, tables, BLOCK), { Math });

/** Fills `out` with the next words of the generator and advances `state`. */
export function fillWords(state: XoshiroState, out: Uint32Array): void {
  const wasm = out.length < WORTHWHILE.words ? undefined : loops();
  if (wasm === undefined) return fillUint32(state, out);
  wasm.start(state[0]!, state[1]!, state[2]!, state[3]!);
  for (let from = 0; from < out.length; from += BLOCK) {
    const count = Math.min(BLOCK, out.length - from);
    wasm.fillWords(count);
    out.set(wasm.words.subarray(0, count), from);
  }
  state.set(wasm.state);
}

/**
 * Fills `out` with independent N(mean, sd²) variates. Nothing may be drawn from `state` afterwards:
 * words are made before it is known how many the numbers take.
 */
export function fillNormals(state: XoshiroState, out: Float32Array, mean: number, sd: number): void {
  const wasm = out.length < WORTHWHILE.normals ? undefined : loops();
  if (wasm === undefined) fillNormal(state, out, mean, sd);
  else normalsBy(wasm, state, out, mean, sd);
}

/** Threads run it too: it uses nothing but its arguments. */
function normalsBy(
  { start, fillNormals, normals }: StreamLoops,
  state: XoshiroState,
  out: Float32Array,
  mean: number,
  sd: number,
): void {
  start(state[0]!, state[1]!, state[2]!, state[3]!);
  for (let from = 0; from < out.length; from += normals.length) {
    const count = Math.min(normals.length, out.length - from);
    fillNormals(count, mean, sd);
    out.set(normals.subarray(0, count), from);
  }
}

/** Arrays of normals in shared memory. */
export interface SharedNormals {
  readonly numbers: Float32Array;
  /** `[arrays, 8]`: where an array starts and ends, the mean, the standard deviation, and the state. */
  readonly plan: Float64Array;
}

/** Fills one of the arrays. Threads run it too: it uses nothing but its arguments. */
function fillOne(
  { numbers, plan }: SharedNormals,
  fill: (state: XoshiroState, out: Float32Array, mean: number, sd: number) => void,
  array: number,
): void {
  const at = 8 * array;
  const state = Int32Array.of(plan[at + 4]!, plan[at + 5]!, plan[at + 6]!, plan[at + 7]!);
  fill(state, numbers.subarray(plan[at], plan[at + 1]), plan[at + 2]!, plan[at + 3]!);
}

const work = sharedWork<SharedNormals>(
  `({ binary, tables, block }) => {
    const module = new WebAssembly.Module(Buffer.from(binary, "base64"));
    const loops = (${String(streamLoops)})(new WebAssembly.Instance(module, { Math }).exports, tables, block);
    const normalsBy = ${String(normalsBy)};
    const fillOne = ${String(fillOne)};
    const fill = (...given) => normalsBy(loops, ...given);
    return (job) => (i) => fillOne(job, fill, i);
  }`,
  { binary: streamsBinary, tables, block: BLOCK },
  { startsHelpers: false },
);

/** Begins to fill the arrays. Helpers that run already fill some of them. */
export function beginNormals(job: SharedNormals): Finish {
  const arrays = job.plan.length / 8;
  const run = (i: number) => fillOne(job, fillNormals, i);
  return loops() === undefined ? withoutHelp(arrays, run) : work.begin(job, arrays, run);
}
