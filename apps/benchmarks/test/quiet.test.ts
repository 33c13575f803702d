import { describe, expect, it } from "vitest";
import { busyShare, quietGate } from "../src/quiet.js";

/** A gate on a machine with the given busy shares, and a clock that advances 100 ms per look. */
function gateOn(shares: number[], patienceMs: number) {
  let time = 0;
  const busy = () => ((time += 100), Promise.resolve(shares.shift() ?? 1));
  return quietGate(patienceMs, busy, () => time);
}

describe("waiting for a quiet moment", () => {
  it("takes a sample between two quiet moments, and again when the second was not", async () => {
    let taken = 0;
    const take = () => Promise.resolve(++taken);
    const gate = gateOn([0.9, 0, 0.9, 0, 0], 1000);
    expect(await gate(take)).toEqual({ value: 2, quiet: true });
  });

  it("takes what comes when patience is at an end, and says so", async () => {
    const gate = gateOn([], 300);
    expect(await gate(() => Promise.resolve("sample"))).toEqual({ value: "sample", quiet: false });
    expect(await gate(() => Promise.resolve("at once"))).toEqual({ value: "at once", quiet: false });
  });

  it("knows the busy share of this machine", async () => {
    const share = await busyShare();
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  });
});
