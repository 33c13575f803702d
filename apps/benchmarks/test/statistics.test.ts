import { describe, expect, it } from "vitest";
import { median, quantile } from "../src/statistics.js";

describe("median and quantiles", () => {
  it("takes the middle sample, or the mean of the middle two, in any order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([7])).toBe(7);
  });

  it("sorts by value, not by text, and leaves the samples alone", () => {
    const samples = [100, 9, 20];
    expect(median(samples)).toBe(20);
    expect(samples).toEqual([100, 9, 20]);
  });

  it("interpolates between neighbours", () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
    expect([quantile([5, 1], 0), quantile([5, 1], 1)]).toEqual([1, 5]);
  });

  it("knows no median of nothing", () => {
    expect(median([])).toBeNaN();
  });
});
