/**
 * Threefry-2x32 with 20 rounds: the keyed bijection that turns a key and a counter into fresh key material.
 *
 * Counter-based, so child `i` of a key costs one block whatever `i` is and no state is shared between streams.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (the Random123 library).
 */

/** Two unsigned 32-bit words. */
export type Words = readonly [number, number];

/** Skein's key-schedule parity constant for 32-bit words. */
const parity = 0x1bd11bda;

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** The block `counter` of the stream `key`: 64 bits in, 64 bits out, for every key a bijection of the counter. */
export function threefry2x32(key: Words, counter: Words): Words {
  const [k0, k1] = key;
  const schedule = [k0, k1, parity ^ k0 ^ k1];
  let x0 = (counter[0] + k0) | 0;
  let x1 = (counter[1] + k1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + (schedule[injection % 3] as number)) | 0;
      x1 = (x1 + (schedule[(injection + 1) % 3] as number) + injection) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
}
