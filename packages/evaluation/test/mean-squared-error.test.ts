import { describe, expect, it } from "vitest";
import { meanSquaredError } from "../src/index.js";

describe("meanSquaredError", () => {
  it("averages squared differences over all entries", () => {
    expect(meanSquaredError(Float32Array.of(1, 2, 3, 4), Float32Array.of(1, 0, 3, 7))).toBe(13 / 4);
    expect(meanSquaredError(Float64Array.of(0.5), Float32Array.of(0.5))).toBe(0);
  });

  it("refuses different lengths, nothing at all, and numbers that are not finite", () => {
    expect(() => meanSquaredError(new Float32Array(2), new Float32Array(3))).toThrow(/2 and 3/);
    expect(() => meanSquaredError(new Float32Array(0), new Float32Array(0))).toThrow(/empty/);
    expect(() => meanSquaredError(Float32Array.of(NaN), Float32Array.of(0))).toThrow(/not finite/);
  });
});
