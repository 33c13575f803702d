/** A summary of a sampler's reports about its steps, with advice in words. */
import { assertNonNegativeInteger } from "@ergodic/tensor";
import { chainsFrom, pooled, type Chains, type Draws } from "./draws.js";
import { inRange } from "./in-range.js";
import { mean } from "./moments.js";

/** Per step and chain, each optional: `[chain][draw]` or tensors `[chains, draws]`. */
export interface Transitions {
  /** Acceptance probability of the step's proposal, min(1, exp(-ΔH)). */
  readonly acceptProb?: Draws;
  /** 1 where the trajectory left its energy level, else 0. */
  readonly divergent?: Draws;
  /** ΔH of the step, finite or not. */
  readonly energyError?: Draws;
  /** Energy of the state including momentum, H. */
  readonly energy?: Draws;
  /** Doublings of the trajectory. Read together with `maxTreeDepth`. */
  readonly treeDepth?: Draws;
  readonly maxTreeDepth?: number;
  /** Gradients of the energy that the step took. */
  readonly nGrad?: Draws;
}

export interface TransitionSummary {
  /** Mean acceptance probability, and that of each chain. */
  readonly acceptance?: number;
  readonly acceptancePerChain?: readonly number[];
  /** Where steps diverged. */
  readonly divergences?: readonly { readonly chain: number; readonly draw: number }[];
  /** Mean and largest |ΔH| of the steps where it is finite; NaN if there are none. */
  readonly energyError?: { readonly mean: number; readonly largest: number };
  /** E-BFMI of each chain, see {@link energyFraction}. */
  readonly energyFraction?: readonly number[];
  /** Share of steps whose tree reached `maxTreeDepth`. */
  readonly saturation?: number;
  /** Gradients of all steps and chains. */
  readonly gradients?: number;
  /** Problems and remedies, in words; empty if there are none. */
  readonly advice: readonly string[];
}

/** Σ (E_t - E_{t-1})²/Σ (E_t - Ē)². */
function fractionOf(energies: Float64Array): number {
  const centre = mean(energies);
  let [steps, spread] = [0, 0];
  energies.forEach((energy, t) => {
    spread += (energy - centre) ** 2;
    if (t > 0) steps += (energy - energies[t - 1]!) ** 2;
  });
  return steps / spread;
}

/**
 * E-BFMI, the estimated Bayesian fraction of missing information of each chain: Σ (E_t -
 * E_{t-1})²/Σ (E_t - Ē)².
 *
 * E are the energies with momentum. Below 0.3 fresh momenta change the energy too little to reach
 * the tails. NaN for a constant chain. Betancourt, "Diagnosing suboptimal cotangent disintegrations
 * in Hamiltonian Monte Carlo", arXiv 1604.00695.
 *
 * @throws ValidationError for fewer than 4 draws, chains of unequal length or numbers that are not
 *   finite.
 */
export const energyFraction = (energies: Draws): number[] =>
  inRange(chainsFrom(energies, {}, "energy")).chains.map(fractionOf);

/** The places where a flag is set. */
function placesOf(flags: Chains): { chain: number; draw: number }[] {
  return flags.flatMap((chain, c) => [...chain].flatMap((flag, t) => (flag === 0 ? [] : [{ chain: c, draw: t }])));
}

/** Mean and largest size of what is finite. */
function sizesOf(errors: Draws): { mean: number; largest: number } {
  const sizes = pooled(chainsFrom(errors, { draws: 1, finite: false }, "energyError"))
    .filter(Number.isFinite)
    .map(Math.abs);
  if (sizes.length === 0) return { mean: NaN, largest: NaN };
  return { mean: mean(sizes), largest: sizes.reduce((a, b) => Math.max(a, b)) };
}

const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;

/**
 * Acceptance, divergences, E-BFMI, tree depth and cost of a run, from the reports of its kernel.
 *
 * @throws ValidationError for entries that are not `[chains, draws]`, or, but for `energyError`, of
 *   finite numbers.
 */
export function summarizeTransitions(transitions: Transitions): TransitionSummary {
  const { maxTreeDepth } = transitions;
  const read = (name: Exclude<keyof Transitions, "maxTreeDepth">): Chains | undefined =>
    transitions[name] === undefined ? undefined : chainsFrom(transitions[name], { draws: 1 }, name);
  const acceptancePerChain = read("acceptProb")?.map(mean);
  const flags = read("divergent");
  const divergences = flags && placesOf(flags);
  const energyError = transitions.energyError && sizesOf(transitions.energyError);
  const fractions = transitions.energy === undefined ? undefined : energyFraction(transitions.energy);
  const depths = read("treeDepth");
  if (maxTreeDepth !== undefined) assertNonNegativeInteger({ maxTreeDepth });
  const saturation =
    depths && maxTreeDepth !== undefined
      ? mean(pooled(depths).map((depth) => (depth >= maxTreeDepth ? 1 : 0)))
      : undefined;
  const gradients = read("nGrad");
  const advice: string[] = [];
  if (flags && divergences && divergences.length > 0) {
    const share = percent(divergences.length / pooled(flags).length);
    advice.push(
      `${divergences.length} divergent steps (${share}): parts of the target are not sampled; take smaller steps (a target acceptance of 0.95) or reparametrise`,
    );
  }
  const slow = fractions?.flatMap((fraction, c) => (fraction < 0.3 ? [c] : [])) ?? [];
  if (fractions && slow.length > 0) {
    const least = Math.min(...slow.map((c) => fractions[c]!)).toPrecision(2);
    advice.push(`E-BFMI down to ${least} in chain ${slow.join(", ")}: tails are explored slowly; reparametrise`);
  }
  if (saturation !== undefined && saturation > 0) {
    advice.push(
      `${percent(saturation)} of trees reached depth ${maxTreeDepth}: slow, not wrong; adapt the mass or allow deeper trees`,
    );
  }
  return {
    ...(acceptancePerChain && { acceptance: mean(acceptancePerChain), acceptancePerChain }),
    ...(divergences && { divergences }),
    ...(energyError && { energyError }),
    ...(fractions && { energyFraction: fractions }),
    ...(saturation !== undefined && { saturation }),
    ...(gradients && { gradients: pooled(gradients).reduce((sum, count) => sum + count, 0) }),
    advice,
  };
}
