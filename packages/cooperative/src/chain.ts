/**
 * Langevin revision: the short chain by which an energy corrects what a network has made.
 *
 *   x ← x - α ∇[E(x) + |x|²/(2σ²)] + η ξ,  ξ ~ N(0, I).
 *
 * Papers on cooperative learning write f = -E and α = δ²/2. What the chain starts from and what it
 * gives are constants of every loss: no gradient passes through a chain.
 */
import { standardNormalEnergy } from "@ergodic/generators";
import {
  langevin,
  runSteps,
  type Energy,
  type Kernel,
  type LangevinDrift,
  type LangevinOptions,
} from "@ergodic/samplers";
import { assertPositive, assertPositiveInteger, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The chain of every update and of every refined sample. The settings of a step are those of
 * `langevin`.
 */
export type RevisionChain = LangevinDrift &
  Pick<LangevinOptions, "noise" | "withNoise" | "temperature" | "gradientClip"> & {
    /** K. */
    readonly steps: number;
    /**
     * σ: the energy tilts p0 = N(0, σ² I), so the chain descends E(x) + |x|²/(2σ²). Default: no
     * reference, the chain descends E alone.
     */
    readonly referenceSd?: number;
  };

/** @throws ValidationError for a wrong setting. */
export function assertChain(chain: RevisionChain): void {
  const { steps, referenceSd } = chain;
  assertPositiveInteger({ "chain.steps": steps });
  if (referenceSd !== undefined) assertPositive({ "chain.referenceSd": referenceSd });
  revisionKernel(chain, (x) => tf.sum(x, 1));
}

/** E(x) + |x|²/(2σ²), or E(x) without a reference. */
export function referred({ referenceSd }: Pick<RevisionChain, "referenceSd">, energy: Energy): Energy {
  if (referenceSd === undefined) return energy;
  const precision = 1 / (referenceSd * referenceSd);
  return (x) => tf.add(energy(x), tf.mul(precision, standardNormalEnergy(x)));
}

/** The kernel of the chain. */
export function revisionKernel({ steps: _, referenceSd, ...settings }: RevisionChain, energy: Energy): Kernel {
  const options = { ...settings, energy: referred({ ...(referenceSd !== undefined && { referenceSd }) }, energy) };
  return langevin(options as LangevinOptions) as Kernel;
}

/** `start` after `steps` steps, `[n, ...]`. No steps give `start` itself. */
export function revised(
  chain: RevisionChain,
  energy: Energy,
  start: tf.Tensor,
  { key, steps = chain.steps }: { readonly key: Key; readonly steps?: number },
): tf.Tensor {
  return steps === 0 ? start : runSteps(revisionKernel(chain, energy), start, { steps, key }).position;
}

/** The step in numbers, as in "15 steps x - 1 ∇E + 0.02 ξ". */
export function describeChain(chain: RevisionChain): string {
  const { steps, stepSize, drift, noise, withNoise = true, referenceSd } = chain;
  const alpha = typeof drift === "number" ? drift : typeof stepSize === "number" ? stepSize ** 2 / 2 : undefined;
  const scale = !withNoise ? 0 : typeof noise === "number" ? noise : alpha && Math.sqrt(2 * alpha);
  const number = (value: number | undefined): string => (value === undefined ? "?" : String(+value.toPrecision(3)));
  const kick = scale === 0 ? "" : ` + ${number(scale)} ξ`;
  const reference = referenceSd === undefined ? "" : `, reference N(0, ${referenceSd}²)`;
  return `${steps} steps x - ${number(alpha)} ∇E${kick}${reference}`;
}
