/** Ranks of draws, counted by chain. */
import { expect, it } from "vitest";
import { rankCounts } from "../src/rank-counts.js";

it("ranks are counted by chain, ties shared in turn", () => {
  const chains = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8)];
  expect(rankCounts(chains, 4)).toEqual([
    [2, 2, 0, 0],
    [0, 0, 2, 2],
  ]);
  const equal = [new Float64Array(10), new Float64Array(10)];
  expect(rankCounts(equal, 2)).toEqual([
    [5, 5],
    [5, 5],
  ]);
});
