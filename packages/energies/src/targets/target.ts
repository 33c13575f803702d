/** Targets: test energies for samplers, with everything about them that is known exactly. */
import * as tf from "@tensorflow/tfjs-core";
import type { Key } from "@ergodic/tensor";
import type { AnalyticEnergy } from "../analytic/analytic-energy.js";

/** A function of the position whose mean and standard deviation under the target are known. */
export interface Quantity {
  readonly name: string;
  /** From positions `[n, dimension]` to one number each, `[n]`. */
  of(x: tf.Tensor2D): tf.Tensor1D;
  readonly mean: number;
  readonly sd: number;
}

export interface Target extends AnalyticEnergy {
  readonly name: string;
  /** Every coordinate, and further functions that tell a good run from a bad one. */
  readonly quantities: readonly Quantity[];
  /** Centres and weights of the modes, where there are several. */
  readonly modes?: { readonly centres: readonly (readonly number[])[]; readonly weights: readonly number[] };
  /** n independent exact draws, `[n, dimension]`; absent where no way to make them is known. */
  sample?(key: Key, n: number): tf.Tensor2D;
}

/** Column i of a matrix. */
export const column = (x: tf.Tensor2D, i: number): tf.Tensor1D => tf.squeeze(tf.slice2d(x, [0, i], [-1, 1]), [1]);

/** A quantity from a formula that may leave tensors behind. */
export const quantity = (name: string, formula: Quantity["of"], truth: { mean: number; sd: number }): Quantity => ({
  name,
  of: (x) => tf.tidy(() => formula(x)),
  ...truth,
});

/** The coordinates as quantities, called x[0], x[1], ... unless named. */
export function coordinates(
  { mean, covariance }: AnalyticEnergy["moments"],
  names: readonly string[] = mean.map((_, i) => `x[${i}]`),
): Quantity[] {
  return mean.map((value, i) =>
    quantity(names[i]!, (x) => column(x, i), { mean: value, sd: Math.sqrt(covariance[i]![i]!) }),
  );
}

/**
 * A target from an energy and what is known beyond its moments. `draw` may leave tensors behind.
 */
export function target(
  name: string,
  energy: AnalyticEnergy,
  {
    quantities = [],
    modes,
    draw,
  }: {
    readonly quantities?: readonly Quantity[];
    readonly modes?: Target["modes"];
    readonly draw?: (key: Key, n: number) => tf.Tensor2D;
  } = {},
): Target {
  return {
    ...energy,
    name,
    quantities: [...coordinates(energy.moments), ...quantities],
    ...(modes && { modes }),
    ...(draw && { sample: (key, n) => tf.tidy(() => draw(key, n)) }),
  };
}
