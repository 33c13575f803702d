/**
 * Long streams of random numbers, by loops in WebAssembly (streams.wat).
 *
 * The numbers are those of `fillUint32` and `fillNormal`, bit by bit. Those functions fill short
 * arrays, and all arrays where WebAssembly is forbidden, at about half the speed.
 */
import { streamsBinary } from "./streams-binary.js";
import { lazyWebAssembly } from "./web-assembly.js";
import { fillUint32, type XoshiroState } from "./xoshiro.js";
import { fillNormal, quickSteps, slowNormal, stepWidths } from "./ziggurat.js";

/** Numbers of a block, as in streams.wat: what stays in the processor's cache. */
const BLOCK = 16384;
/** Below this length the copies of the state take longer than the loop gains. */
const WORTHWHILE = 64;

/** The functions of streams.wat, and views of its memory. */
type Loops = {
  readonly state: Int32Array;
  readonly rejected: Int32Array;
  readonly words: Uint32Array;
  readonly normals: Float32Array;
  readonly fillWords: (count: number) => void;
  readonly fillNormals: (start: number, count: number, mean: number, sd: number) => number;
};

type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly words: Loops["fillWords"];
  readonly normals: Loops["fillNormals"];
};

const loops = lazyWebAssembly(streamsBinary, ({ memory, words, normals }: Exports): Loops => {
  const { buffer } = memory;
  new Int32Array(buffer, 1024).set(quickSteps);
  new Float64Array(buffer, 4096).set(stepWidths);
  return {
    state: new Int32Array(buffer, 0, 4),
    rejected: new Int32Array(buffer, 16, 1),
    words: new Uint32Array(buffer, 16384, BLOCK),
    normals: new Float32Array(buffer, 16384, BLOCK),
    fillWords: words,
    fillNormals: normals,
  };
});

/** The loops for an array of this length, or undefined where JavaScript has to fill it. */
const loopsFor = (length: number): Loops | undefined => (length < WORTHWHILE ? undefined : loops());

/** Fills `out` through `block`, which `fill(count)` fills from the generator `state`. */
function throughBlock<A extends Uint32Array | Float32Array>(
  loops: Loops,
  state: XoshiroState,
  { out, block, fill }: { readonly out: A; readonly block: A; readonly fill: (count: number) => void },
): void {
  loops.state.set(state);
  for (let from = 0; from < out.length; from += BLOCK) {
    const count = Math.min(BLOCK, out.length - from);
    fill(count);
    out.set(block.subarray(0, count), from);
  }
  state.set(loops.state);
}

/** Fills `out` with the next words of the generator and advances `state`. */
export function fillWords(state: XoshiroState, out: Uint32Array): void {
  const loops = loopsFor(out.length);
  if (loops === undefined) return fillUint32(state, out);
  throughBlock(loops, state, { out, block: loops.words, fill: loops.fillWords });
}

/** Fills `out` with independent N(mean, sd²) variates and advances `state`. */
export function fillNormals(state: XoshiroState, out: Float32Array, mean: number, sd: number): void {
  const loops = loopsFor(out.length);
  if (loops === undefined) return fillNormal(state, out, mean, sd);
  const fill = (count: number): void => {
    for (let i = loops.fillNormals(0, count, mean, sd); i < count;) {
      loops.normals[i] = mean + sd * slowNormal(loops.state, loops.rejected[0]!);
      i = loops.fillNormals(i + 1, count, mean, sd);
    }
  };
  throughBlock(loops, state, { out, block: loops.normals, fill });
}
