/**
 * Descriptions of random draws: plain data that says which numbers a key gives.
 *
 * A draw is data, not a closure. A recorded program can therefore store it, and the host can make
 * the same draw later from another key.
 */
import { assertFitsMemory } from "./memory.js";
import { assertFinite, assertInRange, assertInteger, assertIsShape, assertPositive, fail } from "./validation.js";

/** Independent normal variates N(mean, sd²), float32. */
export type NormalDraw = {
  readonly kind: "normal";
  readonly shape: readonly number[];
  readonly mean: number;
  readonly sd: number;
};
/** Independent uniform variates in [low, high), float32. */
export type UniformDraw = {
  readonly kind: "uniform";
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
};
/** 1 with the given probability, else 0, float32. */
export type BernoulliDraw = {
  readonly kind: "bernoulli";
  readonly shape: readonly number[];
  readonly probability: number;
};
/** Independent whole numbers, equally likely, in [low, high), int32. */
export type IntegersDraw = {
  readonly kind: "integers";
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
};
/** Independent indices k with probability `probabilities[k]`, int32. */
export type CategoricalDraw = {
  readonly kind: "categorical";
  readonly shape: readonly number[];
  readonly probabilities: readonly number[];
};
/** A random order of 0 .. n-1, every order equally likely, int32 of shape [n]. */
export type PermutationDraw = { readonly kind: "permutation"; readonly shape: readonly [number] };

export type Draw = NormalDraw | UniformDraw | BernoulliDraw | IntegersDraw | CategoricalDraw | PermutationDraw;

/** The dtype of the tensor that a draw returns. */
export function drawDtype(spec: Draw): "float32" | "int32" {
  return spec.kind === "normal" || spec.kind === "uniform" || spec.kind === "bernoulli" ? "float32" : "int32";
}

/**
 * Largest distance of a sum of probabilities from 1.
 *
 * It admits float32 probabilities of a few thousand classes.
 */
const sumTolerance = 1e-4;

function assertProbabilities(probabilities: readonly number[]): void {
  if (!Array.isArray(probabilities) || probabilities.length === 0) {
    fail("probabilities are empty or no array", "one probability per category", "pass a non-empty array of numbers");
  }
  probabilities.forEach((p, k) => assertInRange({ [`probabilities[${k}]`]: p }, { min: 0, max: 1 }));
  const sum = probabilities.reduce((total, p) => total + p, 0);
  if (Math.abs(sum - 1) > sumTolerance) {
    fail(`probabilities sum to ${sum}`, "a sum of 1", "divide them by their sum, or pass { logits }");
  }
}

/** Checks that the draw can be made. @throws ValidationError */
export function assertDraw(spec: Draw): void {
  assertIsShape({ shape: spec.shape });
  assertFitsMemory("a draw", spec.shape);
  switch (spec.kind) {
    case "normal":
      assertFinite({ mean: spec.mean });
      assertInRange({ sd: spec.sd }, { min: 0 });
      return;
    case "uniform":
      assertFinite({ low: spec.low, high: spec.high });
      if (!(Math.fround(spec.low) < Math.fround(spec.high))) {
        fail(
          `uniform range is [${spec.low}, ${spec.high})`,
          "low < high as float32 numbers",
          "swap or widen the limits",
        );
      }
      return;
    case "bernoulli":
      assertInRange({ probability: spec.probability }, { min: 0, max: 1 });
      return;
    case "integers":
      assertInteger({ low: spec.low, high: spec.high });
      assertInRange({ low: spec.low, high: spec.high }, { min: -(2 ** 31), max: 2 ** 31 });
      assertPositive(
        { "high - low": spec.high - spec.low },
        "pass low < high, the range [low, high) leaves high itself out",
      );
      return;
    case "categorical":
      assertProbabilities(spec.probabilities);
      return;
    case "permutation":
      if (spec.shape.length !== 1) {
        fail(`permutation has shape [${spec.shape.join(",")}]`, "[n]", "pass the number of items");
      }
      return;
    default:
      fail(
        `draw kind is "${String((spec as Draw).kind)}"`,
        "normal, uniform, bernoulli, integers, categorical or permutation",
      );
  }
}
