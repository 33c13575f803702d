/**
 * The step size of a chain whose target drifts, as in the training of an energy, so that adaptation never ends:
 * ε (1 + r) while the acceptance probability, the mean over chains, is above the target, else ε/(1 + r).
 *
 * @param rate r. Default 0.01, with a target of 0.75.
 */
export const adjustStepSize = (
  stepSize: number,
  acceptance: number,
  { target = 0.75, rate = 0.01 }: { readonly target?: number; readonly rate?: number } = {},
): number => (acceptance > target ? stepSize * (1 + rate) : stepSize / (1 + rate));
