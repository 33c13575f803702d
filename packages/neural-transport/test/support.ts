/** Affine flows, and energies of known expectation over them. */
import * as tf from "@tensorflow/tfjs-core";
import { chain, flow, invert, linear, linearParams, type Bijector } from "@ergodic/flows";

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
