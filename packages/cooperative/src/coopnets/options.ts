/** Options of cooperative networks, and their defaults. */
import type { EnergyModel } from "@ergodic/energies";
import type { VectorGenerator } from "@ergodic/generators";
import type { Optimizer } from "@ergodic/nn";
import {
  assertFunction,
  assertNonNegative,
  assertPositive,
  assertPositiveInteger,
  type TensorTree,
} from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { assertChain, type RevisionChain } from "../chain.js";

export interface CoopNetsOptions<G extends TensorTree, E extends TensorTree, Batch> {
  /** g, from z ~ N(0, I) to examples. */
  readonly generator: VectorGenerator<G>;
  /** E(x); the papers' f is -E. */
  readonly energy: EnergyModel<E>;
  /** The chain from g(z) to x̃. */
  readonly chain: RevisionChain;
  /** σ_g of x = g(z) + σ_g ε. Default 0.3. */
  readonly sigma?: number;
  /** Chains of an update. Default: the batch size. */
  readonly chains?: number;
  /**
   * Langevin steps of z given x̃ before the generator learns, on ½|z|² + |x̃ - g(z)|²/(2σ_g²).
   * Default: z stays as it was drawn.
   */
  readonly inference?: { readonly steps: number; readonly stepSize: number };
  /** a, the weight of squared energies in the loss of the energy. Default 0. */
  readonly penalty?: number;
  readonly optimizers: { readonly generator: Optimizer; readonly energy: Optimizer };
  /** The examples of a batch, `[batch, ...]`. */
  readonly observe: (batch: Batch) => tf.Tensor;
}

/**
 * The options with defaults.
 *
 * @throws ValidationError for an option out of range.
 */
export function resolveCoopNets<G extends TensorTree, E extends TensorTree, Batch>(
  options: CoopNetsOptions<G, E, Batch>,
) {
  const { sigma = 0.3, penalty = 0, chains, inference, chain, observe } = options;
  assertChain(chain);
  assertPositive({ sigma });
  assertNonNegative({ penalty });
  if (chains !== undefined) assertPositiveInteger({ chains });
  if (inference !== undefined) {
    assertPositiveInteger({ "inference.steps": inference.steps });
    assertPositive({ "inference.stepSize": inference.stepSize });
  }
  assertFunction({ observe });
  return { ...options, sigma, penalty };
}

export type ResolvedCoopNets<G extends TensorTree, E extends TensorTree, Batch> = ReturnType<
  typeof resolveCoopNets<G, E, Batch>
>;
