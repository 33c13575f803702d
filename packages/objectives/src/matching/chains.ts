/** The chains of Energy Matching: x' = x - Δ∇V(x) + √(2Δε(τ)) ξ, with V = ε_max E and τ = mΔ. */
import { langevin, runSteps, type Energy } from "@ergodic/samplers";
import type { Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { heat } from "./heat.js";
import type { Matching } from "./options.js";

type Scales = Pick<Matching, "temperature" | "stepSize" | "heatFrom">;

/** ε(τ)/ε_max, `[]`, at the start of a step. */
const heatAt =
  ({ stepSize, heatFrom }: Scales) =>
  (step: tf.Scalar): tf.Tensor =>
    heat(tf.mul(step, stepSize), heatFrom);

/** Langevin dynamics with the drift Δ∇V, at ε_max times `share`. */
const kernelAt =
  ({ temperature, stepSize }: Scales, share: number | ((step: tf.Scalar) => tf.Tensor)) =>
  (energy: Energy) =>
    langevin({ energy, drift: temperature * stepSize, temperature: share });

/** Chains that start at the source: first a flow without noise, then draws of exp(-E). */
export const fromSource = (scales: Scales) => kernelAt(scales, heatAt(scales));

/** Chains at ε_max, whose law nears exp(-E). */
export const atDensity = (scales: Scales) => kernelAt(scales, 1);

/**
 * Ends of chains, as many as examples: of ⌊n/2⌋ at ε_max from the first examples, and of the others
 * from the source.
 */
export function negativesOf(
  energy: Energy,
  x: tf.Tensor,
  { keys: [startKey, chainKey], ...options }: Matching & { readonly keys: readonly [Key, Key] },
): tf.Tensor {
  const { source, steps, clamp } = options;
  const half = Math.floor(x.shape[0]! / 2);
  const others = x.shape[0]! - half;
  const start = tf.concat([tf.slice(x, 0, half), source(startKey, others)], 0);
  const shares = (step: tf.Scalar): tf.Tensor =>
    tf.concat([tf.ones([half]), tf.mul(heatAt(options)(step), tf.ones([others]))], 0);
  const { position } = runSteps(kernelAt(options, shares)(energy), start, { steps, key: chainKey });
  return clamp === undefined ? position : tf.clipByValue(position, ...clamp);
}
