/** A fixed part of the pictures of a folder, by their names. */
import { describe, expect, it } from "vitest";
import { assertSplit, splitOf } from "../../src/images/name-split.js";

const files = Array.from({ length: 2000 }, (_, i) => `class-${i % 7}/picture-${i}.png`);
const part = (split: "train" | "test", testShare?: number, of = files) =>
  splitOf(of, { split, ...(testShare !== undefined && { testShare }) }, "folder");

describe("the parts", () => {
  it("hold every picture once, in order; without a split there is one part", () => {
    const [train, test] = [new Set(part("train")), part("test")];
    expect(files.filter((file) => !test.includes(file))).toEqual([...train]);
    expect(splitOf(files, {}, "folder")).toBe(files);
  });

  it("have the expected sizes", () => {
    // Six standard deviations of a binomial of 2,000: false alarm 2e-9.
    expect(Math.abs(part("test").length - 400)).toBeLessThan(6 * Math.sqrt(2000 * 0.2 * 0.8));
    expect(Math.abs(part("test", 0.5).length - 1000)).toBeLessThan(6 * Math.sqrt(2000 * 0.25));
  });

  it("keep their pictures when the folder changes, or the other share grows", () => {
    const some = files.filter((_, i) => i % 3 === 0).reverse();
    const test = new Set(part("test"));
    expect(part("test", 0.2, some)).toEqual(some.filter((file) => test.has(file)));
    expect(part("test", 0.3)).toEqual(expect.arrayContaining([...test]));
  });

  it("are the same on every machine", () => {
    expect(part("test", 0.5, [..."abcdefghijklmnop"])).toEqual(["e", "g", "h", "i", "n", "p"]);
  });
});

it("an empty part and wrong options are refused", () => {
  expect(() => part("test", 1e-9)).toThrow(
    /^none of the 2000 pictures in folder comes into "test", expected at least one/,
  );
  expect(() => assertSplit({ split: "valid" as never })).toThrow(/^split is "valid", expected one of "train", "test"/);
  for (const testShare of [0, 1, NaN]) expect(() => assertSplit({ testShare })).toThrow(/^testShare is/);
});
