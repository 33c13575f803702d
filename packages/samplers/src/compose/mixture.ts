/**
 * Mixtures: at every step one kernel, chosen at random.
 *
 * If every kernel leaves the target invariant, so does their mixture; if all are reversible, so is
 * the mixture. Tierney (1994), section 2.4.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, fail, random, type Key, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import type { Kernel, KernelInfo, KernelState } from "../kernel.js";
import { selectRows } from "../rows.js";
import { composed, keepOthers, type ComposedState } from "./parts.js";

export interface MixtureOptions {
  /** How often each kernel is chosen, positive, in proportion. Default: all equally often. */
  readonly weights?: readonly number[];
  /**
   * False: each chain chooses for itself, and chains stay independent. True: all chains share one
   * choice, so they depend on one another, while each alone has the same law. Default false.
   */
  readonly shared?: boolean;
}

export type MixtureInfo = {
  /** Which kernel moved each chain, int32, `[chains]`. */
  readonly choice: tf.Tensor1D;
  /** The reports of all kernels, in their order, also for chains that another one moved. */
  readonly parts: readonly KernelInfo[];
};

/**
 * The kernel that makes a step of one of the kernels, chosen at random independently of the
 * position.
 *
 * A program has no branches: every kernel steps for all chains, and each chain keeps the step that
 * it chose. A step thus costs as much as one of a `cycle` of the kernels.
 *
 * @throws ValidationError when there is no kernel or one that the host runs, as `nuts`; for weights
 *   that are not one positive number for each.
 */
export function mixture<X extends TensorTree = tf.Tensor>(
  kernels: readonly Kernel<X>[],
  { weights = kernels.map(() => 1), shared = false }: MixtureOptions = {},
): Kernel<X, ComposedState<X>, MixtureInfo> {
  if (weights.length !== kernels.length)
    fail(`weights has ${weights.length} numbers`, `${kernels.length}, one a kernel`);
  weights.forEach((weight, i) => assertPositive({ [`weights[${i}]`]: weight }));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const probabilities = weights.map((weight) => weight / total);
  const { init, moveTo, evaluate } = composed(kernels, "mixture");
  return {
    init,
    moveTo,
    evaluate,
    step(state, key) {
      const [choiceKey, ...keys] = random.split(key, kernels.length + 1) as [Key, ...Key[]];
      const here = moveTo(state, state.position);
      const chains = chainCount(state.position);
      const drawn = random.categorical(choiceKey, probabilities, [shared ? 1 : chains]);
      const choice = (shared ? tf.tile(drawn, [chains]) : drawn) as tf.Tensor1D;
      let { position } = state;
      const parts: KernelState<X>[] = [];
      const infos: KernelInfo[] = [];
      kernels.forEach((kernel, i) => {
        const [next, info] = kernel.step(here.parts[i]!, keys[i]!);
        const chosen = tf.equal(choice, i);
        position = selectRows(chosen, next.position, position);
        parts.push(keepOthers(chosen, next, here.parts[i]!));
        infos.push(info);
      });
      return [
        { position, parts },
        { choice, parts: infos },
      ];
    },
  };
}
