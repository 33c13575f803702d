import { describe, expect, it } from "vitest";
import { threefry2x32, type Words } from "../src/threefry.js";

/** `threefry2x32 20` lines of Random123's tests/kat_vectors: counter, key, expected. */
const knownAnswers: [Words, Words, Words][] = [
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x243f6a88, 0x85a308d3],
    [0x13198a2e, 0x03707344],
    [0xc4923a9c, 0x483df7a0],
  ],
];

describe("threefry2x32", () => {
  it.each(knownAnswers)("gives Random123's known answer for counter %j, key %j", (counter, key, expected) => {
    expect(threefry2x32(key, counter)).toEqual(expected);
  });

  it("is injective in the counter, as a bijection is", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 5000; i++) seen.add(threefry2x32([1, 2], [i, 0]).join());
    expect(seen.size).toBe(5000);
  });
});
