/** Affine flows, and long chains in noise. */
import * as tf from "@tensorflow/tfjs-core";
import { chain, flow, invert, linear, linearParams, type Bijector } from "@ergodic/flows";
import { hmc, identityMass, sample, warmUp, type Energy } from "@ergodic/samplers";
import { random, type Key } from "@ergodic/tensor";
import type { UpdateContext } from "@ergodic/training";

/** x = z + b. */
const shift = (b: readonly number[]): Bijector<readonly never[]> => ({
  init: () => [],
  forward: (_, x) => ({ value: tf.sub(x, [...b]), logDet: tf.zeros([x.shape[0]!]) }),
  inverse: (_, z) => ({ value: tf.add(z, [...b]), logDet: tf.zeros([z.shape[0]!]) }),
});

export type AffineFlowParams = [readonly never[], ReturnType<typeof linearParams>];

/** x = A z + b, as a flow. */
export const affineFlow = (a: readonly (readonly number[])[], b: readonly number[]) => ({
  backbone: flow(chain(shift(b), invert(linear({ features: 2 }))), [2]),
  params: [[], linearParams(a)] as AffineFlowParams,
});

/** A and b of the tests: A Aᵀ = [[4, 2], [2, 1.25]]. */
export const a = [
  [2, 0],
  [1, 0.5],
];
export const b = [1, -1];

/** Draws of 16 chains in noise after warm-up, `[16, draws, dimension]`. */
export async function latentDraws(energy: Energy, dimension: number, draws = 400) {
  const kernel = hmc({ energy, steps: [2, 3, 4, 5], mass: identityMass() });
  const start = random.normal(random.key(1), [16, dimension]);
  const tuned = await warmUp(kernel, start, { steps: 200, key: random.key(2) });
  return sample(kernel, { initial: tuned, draws, key: random.key(3) });
}

/** An update in the middle of a phase. */
export const during = (name: "flow" | "contrastive" | "likelihood", key: Key, iteration = 0): UpdateContext => ({
  key,
  iteration,
  phase: { name, iteration, iterations: iteration + 1 },
});
