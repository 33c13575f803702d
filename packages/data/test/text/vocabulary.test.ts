/** Vocabularies: words to numbers and back. */
import { describe, expect, it } from "vitest";
import { vocabularyOf } from "../../src/index.js";

const vocabulary = vocabularyOf(
  [
    ["the", "dog", "sees", "the", "cat"],
    ["the", "dog", 7],
  ],
  { most: 3 },
);

describe("a vocabulary", () => {
  it("gives texts back: words up to the boundary, rare ones as unknown", () => {
    expect(vocabulary.words).toEqual(["the", "dog", "sees"]);
    const numbers = vocabulary.encode(["the", "cat", "sees"]);
    expect([...numbers]).toEqual([2, 1, 4]);
    expect(vocabulary.textOf(numbers)).toBe("the <unk> sees");
    expect(vocabulary.textOf([2, 3, 0, 4, 0])).toBe("the dog");
    expect(vocabulary.textOf([0, 2])).toBe("");
    expect(vocabulary.textOf([])).toBe("");
  });

  it("refuses numbers that no word has", () => {
    for (const number of [5, -1, 2.5])
      expect(() => vocabulary.textOf([2, number])).toThrow(/number of no word, expected .* 0 to 4/);
  });
});
