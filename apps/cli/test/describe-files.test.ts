import { describe, expect, it } from "vitest";
import { fileRows } from "../src/evaluation/describe-files.js";

describe("what became of files", () => {
  it("is a row for what was left out and one for what was not read whole, with some of the names", () => {
    const rows = fileRows({
      found: 9,
      skipped: {
        hidden: { count: 1, examples: [".a.png"] },
        "other files": { count: 1200, examples: ["a.txt", "b.txt", "c.txt"] },
      },
      reduced: { "first picture of several": { count: 1, examples: ["x.gif"] } },
    });
    expect(rows).toEqual([
      ["  left out", "1 hidden (.a.png); 1,200 other files (a.txt, b.txt, c.txt, ...)"],
      ["  read in part", "1 first picture of several (x.gif)"],
    ]);
  });

  it("is nothing where all files are images, or images are no files", () => {
    expect(fileRows({ found: 9, skipped: {}, reduced: {} })).toEqual([]);
    expect(fileRows(undefined)).toEqual([]);
  });
});
