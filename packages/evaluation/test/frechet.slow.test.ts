/**
 * The trace term at the size of the standard features. `frechet.test.ts` has the command of SciPy.
 */
import { expect, it } from "vitest";
import { frechetDistance, gaussianStatistics } from "../src/index.js";
import { features } from "./fixtures.js";

const dimensions = 2048;

it.each([
  [2600, 2300, 25.47134512712515],
  [600, 2300, 25.703028320203835],
])("in 2048 dimensions matches scipy for %i and %i examples", (n, m, value) => {
  const x = gaussianStatistics(features(31, n, dimensions, -0.5, 0), dimensions);
  const y = gaussianStatistics(features(32, m, dimensions, -0.45, 0.1), dimensions);
  expect(Math.abs(frechetDistance(x, y) / value - 1)).toBeLessThan(1e-10);
});
