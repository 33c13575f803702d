/**
 * Threefry-2x32 with 20 rounds: a keyed bijection of a counter, which makes new keys of a key.
 *
 * It is counter-based: child `i` of a key costs one block for every `i`, and streams share no
 * state.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (the
 * Random123 library).
 */

/** Two unsigned 32-bit words. */
export type Words = readonly [number, number];

/** Skein's key-schedule parity constant for 32-bit words. */
const parity = 0x1bd11bda;

/** The rotations of eight rounds, which are repeated two and a half times. */
export const rotations = Int32Array.of(13, 15, 26, 6, 17, 29, 16, 24);

/**
 * The 64 bits of block `counter` in the stream of `key`. For every key it is a bijection of the
 * counter.
 */
export function threefry2x32(key: Words, counter: Words): Words {
  // The three words of the key schedule rotate after every injection.
  let k0 = key[0] | 0;
  let k1 = key[1] | 0;
  let k2 = parity ^ k0 ^ k1;
  let x0 = (counter[0] + k0) | 0;
  let x1 = (counter[1] + k1) | 0;
  for (let injection = 1; injection <= 5; injection++) {
    for (let round = 4 * injection - 4; round < 4 * injection; round++) {
      const r = rotations[round & 7] as number;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    [k0, k1, k2] = [k1, k2, k0];
    x0 = (x0 + k0) | 0;
    x1 = (x1 + k1 + injection) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}
