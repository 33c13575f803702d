/**
 * Long streams of random numbers, by loops in WebAssembly (streams.wat).
 *
 * The numbers are those of `fillUint32` and `fillNormal`, bit by bit. Those functions fill short
 * arrays, and all arrays where WebAssembly is forbidden, at less than half the speed.
 */
import { streamsBinary } from "./streams-binary.js";
import { lazyWebAssembly } from "./web-assembly.js";
import { fillUint32, type XoshiroState } from "./xoshiro.js";
import { edge, fillNormal, height, quickSteps, stepWidths } from "./ziggurat.js";

/** Numbers of a block, as in streams.wat: what stays in the processor's cache. */
export const BLOCK = 8192;
/** Lengths below which the copies of the state take longer than the loops gain. */
const WORTHWHILE = { words: 128, normals: 16 };

/**
 * x^n modulo the characteristic polynomial of the generator for n = 0, 2048, 4096 and 6144. Bit i of
 * the 128 bits is the coefficient of x^i. The jump functions of the generator's source have
 * x^(2^64) and x^(2^96) in this form.
 */
const jumps = [
  [0x00000001, 0x00000000, 0x00000000, 0x00000000],
  [0x0a1f06b6, 0xece7bc8e, 0x9ab5cf0e, 0x780f1aed],
  [0x8fcff8d3, 0xd66b4f59, 0x07ee277a, 0xeb3e4975],
  [0x383f30c8, 0x3a87eb5a, 0xfb4957e6, 0x9abd6753],
] as const;

/** The functions of streams.wat, and views of its memory. */
type Loops = {
  readonly state: Int32Array;
  readonly words: Uint32Array;
  readonly normals: Float32Array;
  readonly start: (s0: number, s1: number, s2: number, s3: number) => void;
  readonly fillWords: (count: number) => void;
  readonly fillNormals: (count: number, mean: number, sd: number) => void;
};

type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly start: Loops["start"];
  readonly words: Loops["fillWords"];
  readonly normals: Loops["fillNormals"];
};

const loops = lazyWebAssembly(
  streamsBinary,
  ({ memory, start, words, normals }: Exports): Loops => {
    const { buffer } = memory;
    new Uint32Array(buffer, 64).set([0, 1, 2, 3].flatMap((k) => jumps.map((polynomial) => polynomial[k]!)));
    new Float64Array(buffer, 1024).set([...quickSteps].flatMap((steps, i) => [stepWidths[i]!, steps + 0.5]));
    new Float64Array(buffer, 5120).set(edge);
    new Float64Array(buffer, 7424).set(height);
    return {
      state: new Int32Array(buffer, 0, 4),
      words: new Uint32Array(buffer, 16384, BLOCK),
      normals: new Float32Array(buffer, 49152, BLOCK),
      start,
      fillWords: words,
      fillNormals: normals,
    };
  },
  { Math },
);

/** Starts the loops at `state`, and calls `fill(count, from)` for blocks of an array of this length. */
function inBlocks(
  { start }: Loops,
  state: XoshiroState,
  length: number,
  fill: (count: number, from: number) => void,
): void {
  start(state[0]!, state[1]!, state[2]!, state[3]!);
  for (let from = 0; from < length; from += BLOCK) fill(Math.min(BLOCK, length - from), from);
}

/** Fills `out` with the next words of the generator and advances `state`. */
export function fillWords(state: XoshiroState, out: Uint32Array): void {
  const wasm = out.length < WORTHWHILE.words ? undefined : loops();
  if (wasm === undefined) return fillUint32(state, out);
  inBlocks(wasm, state, out.length, (count, from) => {
    wasm.fillWords(count);
    out.set(wasm.words.subarray(0, count), from);
  });
  state.set(wasm.state);
}

/**
 * Fills `out` with independent N(mean, sd²) variates. Nothing may be drawn from `state` afterwards:
 * words are made before it is known how many the numbers take.
 */
export function fillNormals(state: XoshiroState, out: Float32Array, mean: number, sd: number): void {
  const wasm = out.length < WORTHWHILE.normals ? undefined : loops();
  if (wasm === undefined) return fillNormal(state, out, mean, sd);
  inBlocks(wasm, state, out.length, (count, from) => {
    wasm.fillNormals(count, mean, sd);
    out.set(wasm.normals.subarray(0, count), from);
  });
}
