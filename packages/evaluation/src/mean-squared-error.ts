/** Mean squared error, the usual measure of reconstructions. */
import { ValidationError } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";

/**
 * Mean squared error `sum_i (a_i - b_i)^2 / n` over all entries of two arrays, summed in float64.
 *
 * For images it is the error per pixel and channel, in the square of the pixels' unit: images in
 * [-1, 1] give at most 4.
 *
 * @throws ValidationError when the arrays differ in length, are empty, or the result is not finite
 */
export function meanSquaredError(a: NumberArray, b: NumberArray): number {
  if (a.length !== b.length)
    throw new ValidationError(`the arrays hold ${a.length} and ${b.length} numbers; compare equally many examples`);
  if (a.length === 0) throw new ValidationError("the arrays are empty, expected at least one number each");
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  const mean = sum / a.length;
  if (!Number.isFinite(mean))
    throw new ValidationError(`the mean squared error is ${mean}; one of the arrays holds numbers that are not finite`);
  return mean;
}
