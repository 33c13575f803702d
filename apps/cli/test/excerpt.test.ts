/** Texts in the terminal: how many are shown, and groups of them. */
import { describe, expect, it } from "vitest";
import { excerpt } from "../src/terminal/excerpt.js";

const texts = (n: number) => ({ kind: "text" as const, texts: Array.from({ length: n }, (_, i) => `text ${i}`) });

describe("an excerpt", () => {
  it("shows ten texts, and says how many are left", () => {
    const lines = excerpt(texts(12)).split("\n");
    expect(lines.slice(0, 2)).toEqual(["  text 0", "  text 1"]);
    expect(lines.slice(9)).toEqual(["  text 9", "  ... and 2 more", ""]);
    expect(excerpt(texts(2))).toBe("  text 0\n  text 1\n");
  });

  it("separates groups by an empty line, and breaks no line", () => {
    expect(excerpt(texts(5), 2)).toBe("  text 0\n  text 1\n\n  text 2\n  text 3\n\n  text 4\n");
    expect(
      excerpt(texts(33), 3)
        .split("\n")
        .filter((line) => line.startsWith("  text")),
    ).toHaveLength(30);
    expect(excerpt({ kind: "text", texts: ["one\ntwo"] })).toBe("  one two\n");
  });

  it("is empty for pictures", () => {
    expect(excerpt({ kind: "images", values: [], shape: [0, 2, 2, 1] })).toBe("");
  });
});
