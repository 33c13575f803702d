/** The options of Energy Matching. */
import type { Clamp, StartLaw } from "@ergodic/samplers";
import {
  assertFunction,
  assertInRange,
  assertNonNegative,
  assertOneOf,
  assertPositive,
  assertPositiveInteger,
} from "@ergodic/tensor";

export interface EnergyMatchingOptions {
  /** The law that the flow carries to the data, for example standard normal noise. */
  readonly source: StartLaw;
  /**
   * How draws of the source are paired with the examples of a batch: at the least sum of squared
   * distances, or independently. Default "transport".
   */
  readonly pairing?: "transport" | "random";
  /** ε_max, the temperature of the density: V = ε_max E, and p(x) ∝ exp(-V/ε_max) = exp(-E). */
  readonly temperature: number;
  /**
   * τ*, in [0, 1]: the time from which the temperature rises. It is ε_max at 1. Default 1, a jump.
   */
  readonly heatFrom?: number;
  /** Δ, the time of a step. */
  readonly stepSize: number;
  /** M, the steps of the chains of learning. The published settings have MΔ about 2. */
  readonly steps: number;
  /** Steps from the source to a sample of the trained model. Default M. */
  readonly samplingSteps?: number;
  /** λ, the weight of the contrast of V. */
  readonly weight: number;
  /**
   * α, in [0, 1): the share of the negatives that is left out, those of highest energy. Default 0.
   */
  readonly trim?: number;
  /** β, at least 0: the weighted contrast has no gradient below -β. Default: no bound. */
  readonly bound?: number;
  /** The range into which negatives are clamped once, after their last step. Default: no clamp. */
  readonly clamp?: Clamp;
}

export type Matching = ReturnType<typeof resolved>;

/** Fills in the defaults. @throws ValidationError for options out of range. */
export function resolved({ steps, ...given }: EnergyMatchingOptions) {
  const defaults = { pairing: "transport", heatFrom: 1, samplingSteps: steps, trim: 0, bound: Infinity } as const;
  const options = { ...defaults, ...given, steps };
  const { source, pairing, temperature, heatFrom, stepSize, samplingSteps, weight, trim, bound } = options;
  assertFunction({ source });
  assertOneOf({ pairing }, ["transport", "random"]);
  assertPositive({ temperature, stepSize });
  assertInRange({ heatFrom }, { min: 0, max: 1 });
  assertPositiveInteger({ steps, samplingSteps });
  assertNonNegative({ weight });
  assertInRange({ trim }, { min: 0, max: 1, maxOpen: true });
  if (bound !== Infinity) assertNonNegative({ bound });
  return options;
}
