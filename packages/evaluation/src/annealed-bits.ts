/**
 * Bits per dimension of a model p(x) = exp(-E(x))/Z with unknown Z, between two bounds by annealed
 * importance sampling.
 *
 * `annealedBounds` of `@ergodic/samplers` computes the bounds.
 * Sources: R. Neal, "Annealed Importance Sampling" (2001); R. Grosse, S. Ancha, D. Roy, "Measuring
 * the reliability of MCMC inference with bidirectional Monte Carlo", arXiv 1606.02275.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { annealedBounds, type AnnealedBounds, type BoundsOptions } from "@ergodic/samplers/annealing";
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";
import { meanBitsPerDimension } from "./importance-likelihood.js";

export interface BoundedBits {
  /**
   * With the lower bound of log Z: optimistic, because -log p = E + log Z. A forward run alone
   * gives only this.
   */
  readonly lower: number;
  /** With the upper bound of log Z, from the reverse run. */
  readonly upper: number;
  /** Standard error of each, from the spread of the examples and the error of log Z. */
  readonly standardErrors: { readonly lower: number; readonly upper: number };
  readonly examples: number;
  readonly dimensions: number;
}

type Partition = Pick<AnnealedBounds, "lower" | "upper" | "standardErrors">;

/**
 * `(mean E(x) + log Z)/(D log 2) + log2(256/(high - low))` for both bounds of log Z.
 *
 * The last term is 8 for pixels in [0, 1] and 7 for [-1, 1].
 *
 * @param energies of examples of 8-bit data, dequantised: `low + (high - low)(byte + U[0, 1))/256`
 * @param logPartition bounds of log Z of exp(-E) over such pixels
 * @throws ValidationError for fewer than 2 examples, energies that are not finite, or an empty
 *   range
 */
export function boundedBitsPerDimension(
  energies: NumberArray,
  logPartition: Partition,
  dimensions: number,
  range: readonly [number, number],
): BoundedBits {
  if (energies.length < 2) fail(`there are ${energies.length} energies`, "at least 2", "the error needs more examples");
  const own = Float64Array.from(energies);
  const bits = (logZ: number): number =>
    meanBitsPerDimension(
      own.map((energy) => -energy - logZ),
      dimensions,
      range,
    );
  const mean = own.reduce((sum, energy) => sum + energy, 0) / own.length;
  const variance = own.reduce((sum, energy) => sum + (energy - mean) ** 2, 0) / (own.length - 1);
  const error = (ofLogZ: number): number =>
    Math.hypot(Math.sqrt(variance / own.length), ofLogZ) / (dimensions * Math.LN2);
  const { lower, upper, standardErrors } = logPartition;
  return {
    lower: bits(lower),
    upper: bits(upper),
    standardErrors: { lower: error(standardErrors.lower), upper: error(standardErrors.upper) },
    examples: own.length,
    dimensions,
  };
}

export interface AnnealedBitsOptions extends BoundsOptions {
  /** Dequantised examples that the model has not seen, `[n, ...shape]`. Not disposed. */
  readonly examples: tf.Tensor;
  /** Values that the pixels 0 and 256 map to, for example [-1, 1]. */
  readonly range: readonly [low: number, high: number];
}

/** Examples whose energies are computed in one call. */
const chunk = 256;

/**
 * Anneals from a known density to the model and back, and scores examples with both bounds.
 *
 * `from` is the known density, for example N(0, I) or a flow, and `to` is the model. `logPartition`
 * holds diagnostics of the bounds: acceptance and effective sizes by level, the gap, and advice.
 * Double the number of levels as a check: the bounds must stay the same.
 *
 * @throws ValidationError as `annealedBounds` and {@link boundedBitsPerDimension}
 */
export async function annealedBitsPerDimension({
  examples,
  range,
  ...problem
}: AnnealedBitsOptions): Promise<BoundedBits & { readonly logPartition: AnnealedBounds }> {
  const [count = 0, ...shape] = examples.shape;
  const dimensions = shape.reduce((product, side) => product * side, 1);
  assertPositiveInteger({ "the number of examples": count, "the size of an example": dimensions });
  const energies = await energiesOf(problem.to.energy, examples, count);
  const logPartition = await annealedBounds(problem);
  return { ...boundedBitsPerDimension(energies, logPartition, dimensions, range), logPartition };
}

async function energiesOf(energy: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, count: number): Promise<Float64Array> {
  const run = compile(energy);
  const all = new Float64Array(count);
  try {
    for (let from = 0; from < count; from += chunk) {
      const part = tf.slice(x, from, Math.min(chunk, count - from));
      const energies = await run(part);
      all.set(await energies.data(), from);
      tf.dispose([part, energies]);
    }
    return all;
  } finally {
    await run.dispose();
  }
}
