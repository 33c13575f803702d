/** Makes kernels of one's own ready for `warmUp`, which then finds their step size. */
import type * as tf from "@tensorflow/tfjs-core";
import { assertInRange, type TensorTree } from "@ergodic/tensor";
import type { HamiltonianInfo, HamiltonianState, Tunable } from "../hamiltonian.js";
import type { Kernel, KernelInfo, KernelState } from "../kernel.js";
import { identityMass } from "../mass.js";

/**
 * What the state of such a kernel names. A step must use the step size of its state, and keep it.
 * Other tensors of the state have the chains on their first axis.
 */
export type AdaptableState<X extends TensorTree> = KernelState<X> & {
  /** ε, `[]` or `[chains]`. */
  readonly stepSize: tf.Tensor;
  /** E at the position, `[chains]`. */
  readonly energy: tf.Tensor1D;
};

/** What its report names. */
export type AdaptableInfo = KernelInfo & {
  /** The acceptance probability of the proposal, `[chains]`, as of `metropolis`. */
  readonly acceptProb: tf.Tensor1D;
};

/**
 * A kernel for `warmUp`: its step size is fitted until the mean acceptance probability is
 * `targetAcceptance`. A smaller step must be accepted more often. It has no mass. Its report gains
 * the step size.
 *
 * @throws ValidationError for a target acceptance outside (0, 1)
 */
export function tunable<X extends TensorTree, S extends AdaptableState<X>, I extends AdaptableInfo>(
  kernel: Kernel<X, S, I>,
  { targetAcceptance }: { readonly targetAcceptance: number },
): Tunable<X> & Kernel<X, HamiltonianState<X>, HamiltonianInfo> {
  assertInRange({ targetAcceptance }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  const mass = identityMass();
  const withMass = (state: S, inverseMass: TensorTree) => ({ ...state, inverseMass }) as unknown as HamiltonianState<X>;
  const own = ({ inverseMass: _, ...state }: HamiltonianState<X>): S => state as unknown as S;
  const { moveTo } = kernel;
  const adapted: Kernel<X, HamiltonianState<X>, HamiltonianInfo> = {
    init: (position) => withMass(kernel.init(position), mass.init(position)),
    step(state, key) {
      const [next, info] = kernel.step(own(state), key);
      return [withMass(next, state.inverseMass), { ...info, stepSize: state.stepSize } as unknown as HamiltonianInfo];
    },
    ...(moveTo && { moveTo: (state, position) => withMass(moveTo(own(state), position), state.inverseMass) }),
  };
  return { ...adapted, mass, targetAcceptance, probe: adapted };
}
