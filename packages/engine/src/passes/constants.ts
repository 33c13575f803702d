/** Comparisons of the numbers of constants, bit for bit. */
import type { TypedArray } from "../graph.js";

/** Numbers of constants never change, so each is looked through once. */
const fills = new WeakMap<TypedArray, { readonly number: number | undefined }>();

/** The number that every entry is, or undefined if entries differ or there are none. */
export function fillOf(data: TypedArray): number | undefined {
  let known = fills.get(data);
  if (known === undefined) {
    const number = data[0];
    let same = true;
    for (let i = 1; same && i < data.length; i++) same = Object.is(data[i], number);
    known = { number: same ? number : undefined };
    fills.set(data, known);
  }
  return known.number;
}

/** The bits of every number as an integer. */
const bitsOf = (data: TypedArray): Int32Array | Uint8Array =>
  data instanceof Float32Array ? new Int32Array(data.buffer, data.byteOffset, data.length) : data;

/**
 * FNV-1a hash, so that only constants that are probably equal are compared. Floats differ in their
 * upper bits, so these are folded into the lower ones.
 */
export function hashOf(data: TypedArray): number {
  let hash = 0x811c9dc5;
  for (const bits of bitsOf(data)) hash = Math.imul(hash ^ bits ^ (bits >>> 16), 0x01000193);
  return hash;
}

export function sameBits(a: TypedArray, b: TypedArray): boolean {
  const [x, y] = [bitsOf(a), bitsOf(b)];
  if (x.length !== y.length) return false;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
