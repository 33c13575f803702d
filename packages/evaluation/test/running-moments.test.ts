import { describe, expect, it } from "vitest";
import { covarianceOf, runningMoments } from "../src/index.js";
import { features, waves } from "./fixtures.js";

describe("runningMoments", () => {
  it.each([1, 7, 64, 100, 300])("in batches of %i is the covariance of all rows", (batch) => {
    const rows = features(5, 300, 13, -0.5, 2);
    const running = runningMoments(13);
    for (let i = 0; i < 300; i += batch) running.add(Float32Array.from(rows.subarray(i * 13, (i + batch) * 13)));
    const { count, mean, covariance } = running.moments();
    const expected = covarianceOf(Float32Array.from(rows), 13);
    expect(count).toBe(300);
    mean.forEach((value, j) => expect(Math.abs(value - expected.mean[j]!)).toBeLessThan(1e-13));
    covariance.forEach((value, at) => expect(Math.abs(value - expected.covariance[at]!)).toBeLessThan(1e-13));
  });

  it("can be read and goes on", () => {
    const rows = waves(50, 6, 0);
    const running = runningMoments(6);
    running.add(rows.subarray(0, 120));
    running.moments();
    running.add(rows.subarray(120));
    const expected = covarianceOf(rows, 6).covariance;
    running.moments().covariance.forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 13));
  });

  it("keeps its accuracy far from the origin", () => {
    const near = waves(100, 5, 0);
    const running = runningMoments(5);
    running.add(near.map((value) => value + 1e6));
    const { covariance } = running.moments();
    covarianceOf(near, 5).covariance.forEach((value, i) => expect(Math.abs(covariance[i]! - value)).toBeLessThan(1e-9));
  });

  it("refuses a single row and numbers that are not finite", () => {
    const running = runningMoments(2);
    running.add(Float32Array.of(1, 2));
    expect(() => running.moments()).toThrow(/1 feature vectors were added, expected at least 2/);
    expect(() => running.add(Float32Array.of(1, NaN))).toThrow(/NaN at index 1/);
    expect(running.count).toBe(1);
  });
});
