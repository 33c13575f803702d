/** Draws of y_t given x_{t+1}, as pure functions: where chains start, and how they go on. */
import { acceptanceIn } from "@ergodic/samplers/kernels";
import type { KernelState } from "@ergodic/samplers";
import { random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Far, LevelEnergies } from "./conditional.js";
import type { ConditionalSampler } from "./conditional-sampler.js";
import { tableAbove, along, entries, type Levels } from "@ergodic/noising";
import type { Initialiser } from "./options.js";
import { keyOf, type Randomness } from "./randomness.js";

/** Parameters of the energy, and of the initialiser where there is one. */
export type RecoveryParams<P extends TensorTree = TensorTree> = {
  readonly energy: P;
  readonly initialiser?: TensorTree;
};

/** What draws depend on, besides parameters and randomness. */
export interface DrawInput extends Far {
  /** s_t of every level, `[T]`. */
  readonly stepSizes: tf.Tensor1D;
  /** η, `[]`. */
  readonly noise: tf.Tensor;
}

/** Known entries of y. Chains are put back there after every step. */
export interface Held {
  /** 1 where an entry is known and 0 elsewhere, like y or broadcasting to it. */
  readonly mask: tf.Tensor;
  /** The known entries, like y. */
  readonly values: tf.Tensor;
}

export interface Start {
  /** y⁰, where the chain starts. */
  readonly position: tf.Tensor;
  /** ν ξ, the noise that was added to what the initialiser gave. Absent without initialiser. */
  readonly injected?: tf.Tensor;
}

export type ChainState = KernelState<tf.Tensor>;

/** Chain states after some steps, and the acceptance summed over them, `[batch]`. */
export interface Advanced {
  readonly state: ChainState;
  readonly acceptance?: tf.Tensor;
}

export interface Draws<P extends TensorTree> {
  /** The output of the initialiser plus noise; x_{t+1} without initialiser. */
  start(params: RecoveryParams<P>, input: DrawInput, randomness: Randomness): Start;
  /** The mean of y that the initialiser predicts from x_{t+1}. */
  predicted(initialiser: TensorTree, far: Far): tf.Tensor;
  begin(params: RecoveryParams<P>, input: DrawInput, position: tf.Tensor): ChainState;
  /** One step for each entry of `steps`. */
  advance(
    params: RecoveryParams<P>,
    input: DrawInput,
    state: ChainState,
    steps: readonly Randomness[],
    held?: Held,
  ): Advanced;
  /** x_{t+1} - σ² ∇E(x_{t+1}, t) + η σ ξ. */
  approximate(params: RecoveryParams<P>, input: DrawInput, randomness: Randomness): tf.Tensor;
}

/** y with its known entries put back. */
export const restored = (y: tf.Tensor, { mask, values }: Held): tf.Tensor =>
  tf.add(tf.mul(mask, values), tf.mul(tf.sub(1, mask), y));

export function drawsOf<P extends TensorTree>(
  energies: LevelEnergies<P>,
  levels: Levels,
  {
    sampler,
    initialiser,
  }: { readonly sampler: ConditionalSampler; readonly initialiser?: Omit<Initialiser, "optimizer"> | undefined },
): Draws<P> {
  const { transitions, times, ladder } = levels;
  const shrinkage = transitions.scale.map((alpha, t) => alpha * ladder.stepSignal[t + 1]!);
  /** x_{t+1} as the initialiser sees it. */
  const seen = ({ far, transition }: Far): tf.Tensor =>
    initialiser?.input === "shrunk" ? tf.mul(along(shrinkage, transition, far), far) : far;
  const kernelOf = ({ energy }: RecoveryParams<P>, { stepSizes, noise, ...far }: DrawInput) =>
    sampler.kernel(energies.given(energy, far), { stepSize: tf.gather(stepSizes, far.transition), noise });
  const predicted = (params: TensorTree, from: Far): tf.Tensor =>
    initialiser!.model.apply(params, { image: seen(from), condition: entries(tableAbove(times), from.transition) });
  return {
    predicted,
    start(params, { far, transition }, randomness) {
      if (params.initialiser === undefined) return { position: far };
      const noise = random.normal(keyOf(randomness), far.shape);
      const injected = tf.mul(along(transitions.initialNoise, transition, far), noise);
      return { position: tf.add(predicted(params.initialiser, { far, transition }), injected), injected };
    },
    begin: (params, input, position) => kernelOf(params, input).init(position),
    advance(params, input, state, steps, held) {
      const kernel = kernelOf(params, input);
      const accepted: tf.Tensor[] = [];
      const last = steps.reduce((current, randomness) => {
        const [next, info] = kernel.step(current, keyOf(randomness));
        const probability = acceptanceIn(info);
        if (probability !== undefined) accepted.push(probability);
        if (held === undefined) return next;
        const position = restored(next.position, held);
        return kernel.moveTo?.(next, position) ?? kernel.init(position);
      }, state);
      return { state: last, ...(accepted.length > 0 && { acceptance: tf.addN(accepted) }) };
    },
    approximate({ energy }, { far, transition, noise }, randomness) {
      const sd = along(transitions.noise, transition, far);
      const mean = tf.sub(far, tf.mul(tf.square(sd), energies.slope(energy, far, transition)));
      return tf.add(mean, tf.mul(tf.mul(noise, sd), random.normal(keyOf(randomness), far.shape)));
    },
  };
}
