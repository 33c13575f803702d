import { describe, expect, it } from "vitest";
import { fillUint32, nextBelow, nextUint32, xoshiroState } from "../src/xoshiro.js";
import { chiSquare, chiSquareBound, counts } from "./statistics.js";

describe("xoshiro128++", () => {
  it("gives the reference implementation's first numbers for the state 1, 2, 3, 4", () => {
    // From the authors' C source (prng.di.unimi.it/xoshiro128plusplus.c), also the test vector of
    // Rust's rand_xoshiro.
    const state = xoshiroState(1, 2, 3, 4);
    const first = Array.from({ length: 10 }, () => nextUint32(state));
    expect(first).toEqual([
      641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
    ]);
  });

  it("fills arrays with the numbers that it gives one by one, and goes on from there", () => {
    const [one, many] = [xoshiroState(1, 2, 3, 4), xoshiroState(1, 2, 3, 4)];
    for (const size of [0, 1, 1000]) {
      const words = new Uint32Array(size);
      fillUint32(many, words);
      expect([...words]).toEqual(Array.from({ length: size }, () => nextUint32(one)));
    }
    expect(many).toEqual(one);
  });

  it("never starts from the one state it cannot leave", () => {
    const state = xoshiroState(0, 0, 0, 0);
    expect(Array.from({ length: 4 }, () => nextUint32(state)).some((word) => word !== 0)).toBe(true);
  });

  it("draws bounded integers without modulo bias, where the bias would be 1 in 3", () => {
    // bound = 3·2^30: plain modulo would give the lowest third twice as often as the others.
    const state = xoshiroState(5, 6, 7, 8);
    const bound = 3 * 2 ** 30;
    const thirds = Array.from({ length: 30000 }, () => Math.floor(nextBelow(state, bound) / 2 ** 30));
    expect(chiSquare(counts(thirds, 3), () => 10000)).toBeLessThan(2 * -Math.log(1e-6)); // exact for 2 degrees
  });

  it("spreads bounded integers evenly", () => {
    const state = xoshiroState(9, 10, 11, 12);
    const values = Array.from({ length: 70000 }, () => nextBelow(state, 7));
    expect(chiSquare(counts(values, 7), () => 10000)).toBeLessThan(chiSquareBound(6));
  });
});
