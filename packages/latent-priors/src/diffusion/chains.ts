/**
 * Chains of latents at the levels of a ladder, as pure functions of the parameters.
 *
 * With y_t = α_t x_t, -log p(y_t | x_{t+1}) = E(y_t, t) + |y_t - γ_t x_{t+1}|²/(2 σ²) + const and
 * E(y, t) = -log Σ_s exp(f_s(y, t))/c_t. Given a symbol s, -f_s takes the place of -log Σ exp.
 *
 * Yu et al., arXiv 2206.05895. With c_t = s_t² a step moves by ½∇ of the logits' energy at every
 * level.
 */
import { along, entries, tether, type Levels } from "@ergodic/noising";
import { langevin, runSteps } from "@ergodic/samplers";
import type { ConditionedInContext } from "@ergodic/energies";
import type { Layer, Learning } from "@ergodic/nn";
import { assertShape, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { coupledEnergy, symbolEnergy } from "./symbols.js";

/** Where latents are. */
export type Place = {
  /** t, int32 `[n]`. */
  readonly transition: tf.Tensor1D;
  /** c, `[n, k]`, of models with a context. */
  readonly context?: tf.Tensor;
};

/** What a chain is given. */
export type Far = Place & {
  /** x_{t+1}, `[n, d]`. */
  readonly far: tf.Tensor;
  /** The symbol of each row, int32 `[n]`. Absent where symbols are summed over. */
  readonly symbols?: tf.Tensor1D;
};

export interface LevelChains<E extends TensorTree> {
  /** f(y, t), or f(y, t; c), `[n, symbols]`. */
  logits(params: E, y: tf.Tensor, place: Place, learning?: Learning): tf.Tensor;
  /** c_t (E(y, t) + |y - γ_t x_{t+1}|²/(2 σ²)), `[n]`, an energy of y. */
  scaledEnergy(params: E, far: Far): (y: tf.Tensor) => tf.Tensor1D;
  /** A step of the chain, at these rows. */
  kernel(params: E, far: Far): ReturnType<typeof langevin<tf.Tensor>>;
  /** y_t after the chain from x_{t+1}, `[n, d]`. */
  draw(params: E, far: Far, key: Key): tf.Tensor;
  /** x_t = y_t/α_t after that chain. */
  descend(params: E, far: Far, key: Key): tf.Tensor;
}

export function levelChains<E extends TensorTree>({
  network,
  symbols: count,
  levels,
  chain,
}: {
  readonly network: Layer<E, ConditionedInContext>;
  readonly symbols: number;
  readonly levels: Levels;
  readonly chain: { readonly steps: number; readonly stepSizes: Float64Array };
}): LevelChains<E> {
  const { transitions, times, scale } = levels;
  const logits = (params: E, y: tf.Tensor, { transition, context }: Place, learning?: Learning): tf.Tensor => {
    const input = { image: y, condition: entries(times, transition), ...(context && { context }) };
    const found = network.apply(params, input, learning);
    assertShape("the output of network", found, [y.shape[0]!, count], "a logit for each symbol");
    return found;
  };
  const scaledEnergy = (params: E, { far, symbols, ...place }: Far) => {
    const { transition } = place;
    const pull = tether(transitions, far, transition);
    const scales = entries(scale, transition);
    return (y: tf.Tensor): tf.Tensor1D => {
      const found = logits(params, y, place);
      const energy = symbols === undefined ? coupledEnergy(found) : symbolEnergy(found, symbols);
      return tf.add(energy, tf.mul(scales, pull(y)));
    };
  };
  const kernel = (params: E, far: Far) => {
    const sizes = entries(chain.stepSizes, far.transition);
    return langevin<tf.Tensor>({
      energy: scaledEnergy(params, far),
      drift: tf.div(tf.square(sizes), tf.mul(2, entries(scale, far.transition))),
      noise: sizes,
    });
  };
  const draw = (params: E, far: Far, key: Key): tf.Tensor =>
    runSteps(kernel(params, far), far.far, { steps: chain.steps, key }).position;
  return {
    logits,
    scaledEnergy,
    kernel,
    draw,
    descend: (params, far, key) => tf.div(draw(params, far, key), along(transitions.scale, far.transition, far.far)),
  };
}
