/**
 * xoshiro128++ 1.0: the fast sequential generator of one draw, seeded from the draw's key.
 *
 * - State of 128 bits, period 2^128 - 1, output of 32 bits.
 * - It uses 32-bit integer operations alone, which JavaScript engines keep in registers.
 *
 * Source: Blackman, Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021),
 * arXiv:1805.01407.
 */

/** Four 32-bit words, not all zero. Functions that read from it advance it in place. */
export type XoshiroState = Int32Array;

/** A state of four words. The forbidden state, all zero, becomes 1, 0, 0, 0. */
export function xoshiroState(a: number, b: number, c: number, d: number): XoshiroState {
  const state = Int32Array.of(a, b, c, d);
  if ((a | b | c | d) === 0) state[0] = 1;
  return state;
}

/** The next 32 bits as an unsigned integer. */
export function nextUint32(state: XoshiroState): number {
  const s0 = state[0] as number;
  const s1 = state[1] as number;
  const s2 = state[2] as number;
  const s3 = state[3] as number;
  const sum = (s0 + s3) | 0;
  const x2 = s2 ^ s0;
  const x3 = s3 ^ s1;
  state[0] = s0 ^ x3;
  state[1] = s1 ^ x2;
  state[2] = x2 ^ (s1 << 9);
  state[3] = (x3 << 11) | (x3 >>> 21);
  return (((sum << 7) | (sum >>> 25)) + s0) >>> 0;
}

/**
 * Fills `words` with the numbers that as many calls of `nextUint32` return, two to three times as
 * fast: JavaScript engines keep the state in registers.
 */
export function fillUint32(state: XoshiroState, words: Uint32Array): void {
  let s0 = state[0] as number;
  let s1 = state[1] as number;
  let s2 = state[2] as number;
  let s3 = state[3] as number;
  for (let i = 0; i < words.length; i++) {
    const sum = (s0 + s3) | 0;
    words[i] = ((sum << 7) | (sum >>> 25)) + s0;
    const shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
  }
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = s3;
}

/** A double in the open interval (0, 1): one of the 2^32 midpoints (k + 1/2) / 2^32. */
export function nextOpenUnit(state: XoshiroState): number {
  return (nextUint32(state) + 0.5) / 4294967296;
}

/** A whole number of 53 bits from two words. */
export function bits53(high: number, low: number): number {
  return (high >>> 5) * 67108864 + (low >>> 6);
}

/** The next double in [0, 1) with 53 random bits. */
export function nextUnit53(state: XoshiroState): number {
  const high = nextUint32(state);
  return bits53(high, nextUint32(state)) / 9007199254740992;
}

/**
 * A whole number in [0, bound), every one equally likely; 1 <= bound <= 2^32.
 *
 * Rejection avoids the bias of a modulus.
 */
export function nextBelow(state: XoshiroState, bound: number): number {
  const accepted = 4294967296 - (4294967296 % bound);
  let word = nextUint32(state);
  while (word >= accepted) word = nextUint32(state);
  return word % bound;
}
