/** k-means, and the coverage of known modes. */
import { random } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { kMeans } from "../src/entries/clusters.js";
import { modeCoverage } from "../src/index.js";

const key = random.key(0);

describe("k-means", () => {
  const rows = Float64Array.of(0, 0, 0, 1, 10, 0, 10, 1, 5, 9);
  it("finds the least inertia of a few rows", () => {
    const { centroids, labels, inertia } = kMeans(rows, { dimensions: 2, clusters: 3, key });
    expect(inertia).toBeCloseTo(1, 12);
    expect(labels[0]).toBe(labels[1]);
    expect(labels[2]).toBe(labels[3]);
    expect(new Set(labels).size).toBe(3);
    expect([...centroids.slice(2 * labels[0]!, 2 * labels[0]! + 2)]).toEqual([0, 0.5]);
  });

  it("leaves no cluster empty while rows differ", () => {
    // Two of three starts are always equal rows.
    const { labels, inertia } = kMeans(Float64Array.of(0, 0, 0, 0, 0, 0, 7, 9), {
      dimensions: 1,
      clusters: 3,
      key,
      restarts: 1,
    });
    expect(new Set(labels).size).toBe(3);
    expect(inertia).toBe(0);
  });

  it("needs a row for each cluster", () => {
    expect(() => kMeans(Float64Array.of(1, 2), { dimensions: 1, clusters: 3, key })).toThrow("there are 2 rows");
  });
});

describe("coverage of modes", () => {
  const modes = {
    means: [
      [0, 0],
      [10, 0],
    ],
    sd: 1,
  };
  it("counts points within 2 and 3 sd", () => {
    const points = Float64Array.of(0, 1, 0, 2.5, 0, 4, 10, 0, NaN, 0);
    const found = modeCoverage(points, modes);
    expect(found.highQuality).toBeCloseTo(2 / 5, 12);
    expect(found).toMatchObject({ covered: 2, modes: 2 });
    expect(found.least).toBeCloseTo(1 / 1.5, 12);
    expect(found.totalVariation).toBeCloseTo((3 / 5 - 1 / 2 + (1 / 2 - 1 / 5)) / 2, 12);
  });

  it("leaves out modes with less than a quarter of the fair share", () => {
    const points = Float64Array.from([...new Array<number>(40).fill(0), 10, 0]);
    expect(modeCoverage(points, modes)).toMatchObject({ covered: 1 });
    expect(modeCoverage(Float64Array.of(5, 50), modes)).toMatchObject({ covered: 0, least: 0, highQuality: 0 });
  });
});
