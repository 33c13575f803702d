/** Scores of models of points in words. */
import { describe, expect, it } from "vitest";
import { describePlaneScores } from "../src/evaluation/describe-plane-scores.js";

const grid = { low: [-4, -4], high: [4, 4], cells: 256 } as const;
const settled = { logPartition: 2.5, extentChange: 1e-5, resolutionChange: 0, settled: true, grid };

describe("scores of points", () => {
  it("name the nats beside those of the data, and the grid", () => {
    const nats = { value: 2.2, standardError: 0.01, ofData: 2.1451, points: 10_000 };
    expect(describePlaneScores({ nats, tv: { value: 0.0831 }, partition: settled }).split("\n")).toEqual([
      "nats              2.200   10,000 held-out points, standard error 0.01; the data's own density has 2.145",
      "total variation   0.083",
      "log Z             2.5   256 x 256 cells on 8 x 8",
    ]);
  });

  it("leave the data out where their density is not known", () => {
    const nats = { value: 2.2, standardError: 0.01, points: 500 };
    expect(describePlaneScores({ nats, partition: settled })).not.toContain("data's own");
  });

  it("say why there are none", () => {
    const partition = { ...settled, settled: false, extentChange: 1.386 };
    expect(describePlaneScores({ partition })).toMatch(/note: no nats, because log Z has not settled: .*1\.39/);
  });

  it("are nothing where none was computed", () => {
    expect(describePlaneScores({})).toBe("");
  });
});
