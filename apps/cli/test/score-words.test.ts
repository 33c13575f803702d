/** The text and the table of scored pictures. */
import { describe, expect, it } from "vitest";
import { describeScores, scoresAsCsv } from "../src/scoring/describe.js";
import type { ScoredImage, ScoreRecord } from "../src/scoring/record.js";

const scored = (image: string, score: number, rest: Partial<ScoredImage> = {}): ScoredImage => ({
  ...{ image, score, pValue: 0.0123, trainingShareAbove: 0.57, flagged: false },
  ...rest,
});

const record = (images: readonly ScoredImage[]): ScoreRecord => ({
  ...{ run: "runs/parts-1", iteration: 9, seed: 0, pictures: "new", falseAlarms: 0.01, threshold: 640.2 },
  heldOut: { description: "parts", count: 400 },
  training: { description: "parts", count: 2000 },
  flagged: images.filter(({ flagged }) => flagged).length,
  images,
  unreadable: [{ name: "cut.png", why: "new/cut.png cannot be read\u0007" }],
  files: { found: 3, skipped: { "other files": { count: 1, examples: ["notes.txt"] } }, reduced: {} },
});

describe("scores as text", () => {
  const worst = scored("worst.jpg", 871.3, { pValue: 1 / 401, trainingShareAbove: 0, flagged: true });

  it("are a table, a summary and what was left out", () => {
    expect(describeScores(record([worst, scored("a.jpg", 212.9)])).split("\n")).toEqual([
      "image      score  above of training  p-value  flagged",
      "worst.jpg    871          all 2,000  0.00249      yes",
      "a.jpg        213               43 %   0.0123       no",
      "",
      "1 of 2 flagged at 1 % false alarms (threshold 640, from 400 held-out normal images)",
      "  left out   1 other files (notes.txt)",
      "  not read   cut.png: new/cut.png cannot be read\u{fffd}",
    ]);
  });

  it("never round a share up to all", () => {
    expect(describeScores(record([scored("a.jpg", 1, { trainingShareAbove: 1 / 2000 })]))).toMatch(/ 99\.9 % /);
  });

  it("stop after twenty images, with the number of the others", () => {
    const many = describeScores(record(Array.from({ length: 1234 }, (_, i) => scored(`${i}.png`, 1234 - i))));
    expect(many).toMatch(/^19\.png .*\n\.\.\. and 1,214 more$/m);
    expect(many).not.toMatch(/^20\.png/m);
  });
});

it("scores as CSV quote what would break a line", () => {
  const images = [scored('a "b", c.png', 1.5, { flagged: true }), scored("d.png", -2)];
  expect(scoresAsCsv({ images })).toBe(
    [
      "image,score,p_value,training_share_above,flagged",
      '"a ""b"", c.png",1.5,0.0123,0.57,true',
      "d.png,-2,0.0123,0.57,false",
      "",
    ].join("\n"),
  );
});
