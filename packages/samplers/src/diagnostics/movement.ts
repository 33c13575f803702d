/** Distances that chains move from one draw to the next. */
import { inRange } from "./in-range.js";
import { mean } from "./moments.js";
import { scalarsOf, type ChainSamples } from "./samples.js";

/** The mean over chains and steps of (x_{t+1} - x_t)². */
function meanSquaredStep(chain: Float64Array): number {
  let sum = 0;
  for (let t = 1; t < chain.length; t++) sum += (chain[t]! - chain[t - 1]!) ** 2;
  return sum / (chain.length - 1);
}

/**
 * Expected squared jump distance: the mean over chains and steps of ‖x_{t+1} - x_t‖², summed over
 * every number of the position.
 *
 * For chains at equilibrium it is 2 Σ variance · (1 - autocorrelation at lag 1). Divide it by
 * gradients per step to compare trajectory lengths.
 *
 * @throws ValidationError for samples without axes for chains and draws, fewer than 4 draws, or
 *   numbers that are not finite.
 */
export function expectedSquaredJumpDistance(samples: ChainSamples): number {
  let total = 0;
  for (const { chains: draws } of scalarsOf(samples)) {
    const { chains, scale } = inRange(draws);
    total += mean(chains.map(meanSquaredStep)) * scale * scale;
  }
  return total;
}
