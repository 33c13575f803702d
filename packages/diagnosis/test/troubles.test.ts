/**
 * Problems found in summaries: bounds, the worst number of each kind, and how many are affected.
 */
import type { SummaryRow } from "@ergodic/samplers";
import { describe, expect, it } from "vitest";
import { mixingTroubles } from "../src/troubles.js";

const row = (name: string, changes: Partial<SummaryRow> = {}): SummaryRow => ({
  ...{ name, mean: 0, mcseMean: 0.1, sd: 1, mcseSd: 0.1, q05: -1, median: 0, q95: 1, advice: "" },
  ...{ rHat: 1.0, essBulk: 1000, essTail: 1000 },
  ...changes,
});

describe("troubles", () => {
  it("are none at the bounds: R-hat 1.01 and 100 effective draws per chain", () => {
    expect(mixingTroubles([row("x", { rHat: 1.01, essBulk: 400, essTail: 400 })], 4)).toEqual([]);
  });

  it("name the worst number of each kind and count the others", () => {
    const rows = [
      row("a", { rHat: 1.02, essBulk: 300 }),
      row("b", { rHat: 1.5, essBulk: 200, essTail: 399 }),
      row("c"),
    ];
    expect(mixingTroubles(rows, 4)).toEqual([
      { kind: "rHat", name: "b", value: 1.5, bound: 1.01, chains: 4, affected: 2, followed: 3 },
      { kind: "essBulk", name: "b", value: 200, wanted: 400, affected: 2, followed: 3 },
      { kind: "essTail", name: "b", value: 399, wanted: 400, affected: 1, followed: 3 },
    ]);
  });

  it("are found where nothing moves, and where there is one chain", () => {
    const still = row("a", { rHat: NaN, essBulk: NaN, essTail: NaN });
    expect(mixingTroubles([still], 1)).toEqual([
      { kind: "still", name: "a", affected: 1, followed: 1 },
      { kind: "oneChain" },
    ]);
  });
});
