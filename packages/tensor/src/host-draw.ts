/**
 * Draws as typed arrays on the host.
 *
 * All random numbers are made here. Eager draws put these arrays into tensors, and recorded
 * programs receive them as inputs, so both use the same numbers.
 */
import type { CategoricalDraw, Draw, IntegersDraw } from "./draw.js";
import { drawDtype } from "./draw.js";
import { keepFreedMemory } from "./kept-memory.js";
import {
  arrayForNormals,
  BLOCK,
  blockState,
  fillNormals,
  fillUniforms,
  fillWords,
  MOST_AT_ONCE,
  type UniformRange,
} from "./streams.js";
import type { Words } from "./threefry.js";
import { nextBelow, bits53, nextUnit53, type XoshiroState } from "./xoshiro.js";

/** The numbers of one draw, in row-major order. */
export type HostDraw = {
  readonly values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
};

/** The largest float32 below x, where x is 0 or a normal float32. */
function previousFloat32(x: number): number {
  const float = Float32Array.of(x);
  const bits = new Int32Array(float.buffer);
  bits[0] = x > 0 ? (bits[0] as number) - 1 : x < 0 ? (bits[0] as number) + 1 : 0x80000001 | 0;
  return float[0] as number;
}

/**
 * Calls `use(words, from)` on words of a stream, `each` per result, for the results from `from` on.
 * So many at once stay in the processor's cache.
 */
function inParts(key: Words, results: number, each: 1 | 2, use: (words: Uint32Array, from: number) => void): void {
  const all = new Uint32Array(Math.min(MOST_AT_ONCE, results * each));
  for (let from = 0; from < results; from += MOST_AT_ONCE / each) {
    const words = all.subarray(0, (results - from) * each);
    fillWords(key, (from * each) / BLOCK, words);
    use(words, from);
  }
}

// The loops of the next two functions read arguments alone: variables of an enclosing function make
// them half as fast.

/** out[from + i] = start + step (the upper 24 bits of word i), and `last` where that rounds to `end`. */
function placeUniform(
  words: Uint32Array,
  out: Float32Array,
  from: number,
  { start, step, end, last }: UniformRange,
): void {
  for (let i = 0; i < words.length; i++) {
    const value = Math.fround(start + step * (words[i]! >>> 8));
    out[from + i] = value < end ? value : last;
  }
}

/** out[from + i] = 1 where the 53 bits of words 2i and 2i + 1 are below `bound`, else 0. */
function placeBernoulli(words: Uint32Array, out: Float32Array, from: number, bound: number): void {
  for (let i = 0; i < words.length / 2; i++) out[from + i] = Number(bits53(words[2 * i]!, words[2 * i + 1]!) < bound);
}

function fillUniform(key: Words, out: Float32Array, low: number, high: number): void {
  const start = Math.fround(low);
  const end = Math.fround(high);
  const range = { start, end, step: (end - start) / 16777216, last: previousFloat32(end) };
  if (fillUniforms(key, out, range)) return;
  inParts(key, out.length, 1, (words, from) => placeUniform(words, out, from, range));
}

function fillBernoulli(key: Words, out: Float32Array, probability: number): void {
  inParts(key, out.length, 2, (words, from) => placeBernoulli(words, out, from, probability * 2 ** 53));
}

function fillIntegers(state: XoshiroState, out: Int32Array, { low, high }: IntegersDraw): void {
  for (let i = 0; i < out.length; i++) out[i] = low + nextBelow(state, high - low);
}

/**
 * Inverts the cumulative distribution: the first k whose cumulative probability exceeds u.
 *
 * A category of probability 0 is never drawn.
 */
function fillCategorical(state: XoshiroState, out: Int32Array, { probabilities }: CategoricalDraw): void {
  const cumulated = new Float64Array(probabilities.length);
  let total = 0;
  probabilities.forEach((p, k) => (cumulated[k] = total += p));
  for (let i = 0; i < out.length; i++) {
    const u = nextUnit53(state) * total;
    let low = 0;
    let high = cumulated.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulated[middle] as number) > u) high = middle;
      else low = middle + 1;
    }
    out[i] = low;
  }
}

/** The Fisher-Yates shuffle, from the end. */
function fillPermutation(state: XoshiroState, out: Int32Array): void {
  for (let i = 0; i < out.length; i++) out[i] = i;
  for (let i = out.length - 1; i > 0; i--) {
    const j = nextBelow(state, i + 1);
    const kept = out[i] as number;
    out[i] = out[j] as number;
    out[j] = kept;
  }
}

function fill(key: Words, spec: Draw, values: HostDraw["values"]): void {
  switch (spec.kind) {
    case "normal":
      return fillNormals(key, values as Float32Array, spec.mean, spec.sd);
    case "uniform":
      return fillUniform(key, values as Float32Array, spec.low, spec.high);
    case "bernoulli":
      return fillBernoulli(key, values as Float32Array, spec.probability);
    case "integers":
      return fillIntegers(blockState(key, 0), values as Int32Array, spec);
    case "categorical":
      return fillCategorical(blockState(key, 0), values as Int32Array, spec);
    case "permutation":
      return fillPermutation(blockState(key, 0), values as Int32Array);
  }
}

/** How many numbers a draw has. */
const sizeOfDraw = ({ shape }: Draw): number => shape.reduce((product, side) => product * side, 1);

/** Bytes of arrays whose pages take noticeable time. */
const LARGE = 2 ** 20;

function newArray(spec: Draw): HostDraw["values"] {
  const size = sizeOfDraw(spec);
  if (Float32Array.BYTES_PER_ELEMENT * size >= LARGE) keepFreedMemory();
  return drawDtype(spec) === "float32" ? new Float32Array(size) : new Int32Array(size);
}

/** Arrays for draws that are made again and again, in one piece of memory, one behind the other. */
export function drawArrays(specs: readonly Draw[]): HostDraw["values"][] {
  const sizes = specs.map(sizeOfDraw);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const all = specs.some(({ kind }) => kind === "normal") ? arrayForNormals(total) : new Float32Array(total);
  let start = all.byteOffset;
  return specs.map((spec, i) => {
    const [at, size] = [start, sizes[i] as number];
    start += Float32Array.BYTES_PER_ELEMENT * size;
    return drawDtype(spec) === "float32"
      ? new Float32Array(all.buffer, at, size)
      : new Int32Array(all.buffer, at, size);
  });
}

/**
 * The numbers that `key.draw(spec)` puts into its tensor.
 *
 * - float32 for normal, uniform and bernoulli (0 or 1, decided on 53 bits).
 * - int32 for integers, categorical and permutation.
 *
 * The description must be valid; `random.*` and `assertDraw` check it.
 *
 * @param values the array to fill, of the dtype and size of the draw. Default: a new one.
 */
export function hostDraw(
  key: { readonly words: Words; readonly equalRows?: boolean },
  spec: Draw,
  values = newArray(spec),
): HostDraw {
  const rows = key.equalRows === true && spec.kind !== "permutation" ? (spec.shape[0] ?? 1) : 1;
  const row = values.length / Math.max(1, rows);
  fill(key.words, spec, values.subarray(0, row));
  for (let at = row; at < values.length; at += row) values.copyWithin(at, 0, row);
  return { values, shape: spec.shape, dtype: drawDtype(spec) };
}
