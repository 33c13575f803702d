import { describe, expect, it } from "vitest";
import * as validation from "../src/validation.js";

const { ValidationError } = validation;

describe("messages name the value, the rule and the remedy", () => {
  it.each<[string, () => void, string]>([
    [
      "positive",
      () => validation.assertPositive({ stepSize: 0 }),
      "stepSize is 0, expected a finite number > 0; pass a number above 0",
    ],
    [
      "positive, NaN",
      () => validation.assertPositive({ stepSize: NaN }),
      "stepSize is NaN, expected a finite number > 0; pass a number above 0",
    ],
    [
      "positive, text",
      () => validation.assertPositive({ a: 1, b: "2" }),
      'b is "2", expected a finite number > 0; pass a number above 0',
    ],
    [
      "non-negative",
      () => validation.assertNonNegative({ noise: -1 }),
      "noise is -1, expected a finite number >= 0; pass 0 or a number above 0",
    ],
    [
      "integer",
      () => validation.assertInteger({ steps: 1.5 }),
      "steps is 1.5, expected an integer; pass a whole number",
    ],
    [
      "positive integer",
      () => validation.assertPositiveInteger({ steps: 0 }),
      "steps is 0, expected an integer >= 1; pass a whole number of at least 1",
    ],
    [
      "count",
      () => validation.assertCount({ steps: 1e9 }, 100, "take fewer"),
      "steps is 1000000000, expected an integer in [1, 100]; take fewer",
    ],
    [
      "count, none",
      () => validation.assertCount({ steps: 0 }, 100),
      "steps is 0, expected an integer in [1, 100]; choose a count in that range",
    ],
    [
      "non-negative integer",
      () => validation.assertNonNegativeInteger({ iteration: -1 }),
      "iteration is -1, expected an integer >= 0; pass 0 or a whole number above 0",
    ],
    ["finite", () => validation.assertFinite({ mean: Infinity }), "mean is Infinity, expected a finite number"],
    [
      "range",
      () => validation.assertInRange({ decay: 1 }, { min: 0, max: 1, maxOpen: true }),
      "decay is 1, expected a number in [0, 1); choose a value in that range",
    ],
    [
      "choice",
      () => validation.assertOneOf({ split: "val" }, ["train", "test"]),
      'split is "val", expected one of "train", "test"; choose one of them',
    ],
    [
      "function",
      () => validation.assertFunction({ energy: 3 }, "pass x -> energies"),
      "energy is 3, expected a function; pass x -> energies",
    ],
    [
      "is shape",
      () => validation.assertIsShape({ shape: [1.5] }),
      "shape is [1.5], expected a shape: an array of integers >= 0; for example [64, 2]",
    ],
    [
      "shape",
      () => validation.assertShape("energy", { shape: [32, 1] }, [32], "squeeze the last axis"),
      "energy has shape [32,1], expected [32]; squeeze the last axis",
    ],
    [
      "shape with any",
      () => validation.assertShape("images", { shape: [2, 3] }, [null, 4]),
      "images has shape [2,3], expected [any,4]; reshape it or pass another tensor",
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(new ValidationError(message));
  });

  it("nothing is thrown for what is right", () => {
    validation.assertPositive({ a: 1e-300 });
    validation.assertNonNegative({ a: 0 });
    validation.assertInteger({ a: -3 });
    validation.assertPositiveInteger({ a: 1 });
    validation.assertNonNegativeInteger({ a: 0 });
    validation.assertFinite({ a: -1 });
    validation.assertInRange({ a: 0, b: 1 }, { min: 0, max: 1 });
    validation.assertOneOf({ a: "x" }, ["x"]);
    validation.assertFunction({ a: () => 1 });
    validation.assertIsShape({ a: [] });
    validation.assertShape("a", { shape: [5, 4] }, [null, 4]);
  });

  it("the error says what it is", () => {
    const error = new ValidationError("x");
    expect(error.name).toBe("ValidationError");
    expect(error).toBeInstanceOf(Error);
  });

  it.each<[unknown, string]>([
    [[1, 2], "[1, 2]"],
    [Array.from({ length: 9 }, (_, i) => i), "[0, 1, 2, 3, 4, 5, 6, 7, ... 9 items]"],
    [{ a: 1 }, "an object"],
    [new Map(), "a Map"],
    [null, "null"],
    [undefined, "undefined"],
    [3n, "3n"],
    [() => 1, "a function"],
    ["x".repeat(100), `"${"x".repeat(57)}..."`],
  ])("describes %s", (value, text) => {
    expect(validation.describeValue(value)).toBe(text);
  });
});

describe("a value in a message", () => {
  it("may contain itself", () => {
    const list: unknown[] = [1, [2]];
    list.push(list);
    expect(validation.describeValue(list)).toBe("[1, [2], [1, [2], [1, [...], [...]]]]");
  });
});
