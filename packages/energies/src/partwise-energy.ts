/** One energy for each part of a tree of tensors. */
import * as tf from "@tensorflow/tfjs-core";
import { learningOfPart, refreshed } from "@ergodic/nn";
import { fail, random, type TensorTree } from "@ergodic/tensor";
import type { EnergyModel } from "./energy-model.js";

type Parts = Readonly<Record<string, EnergyModel<TensorTree, TensorTree>>>;

/** The parameters of all parts, by name. */
export type PartwiseParams<M extends Parts> = {
  readonly [K in keyof M]: M[K] extends EnergyModel<infer P, infer _> ? P : never;
};

/** What the energy is of: a tensor or tree for each part, by name. */
export type PartwiseInput<M extends Parts> = {
  readonly [K in keyof M]: M[K] extends EnergyModel<infer _, infer X> ? X : never;
};

/**
 * E(x) = Σ_i E_i(x_i): each part has an energy of its own, which sees that part alone. Energies are
 * `[batch]`.
 *
 * For latents of several layers: Cui et al., "Learning Joint Latent Space EBM Prior Model for
 * Multi-layer Generator", arXiv 2306.06323.
 *
 * @throws ValidationError when there is no part; whatever the parts throw.
 */
export function partwiseEnergy<M extends Parts>(parts: M): EnergyModel<PartwiseParams<M>, PartwiseInput<M>> {
  type P = PartwiseParams<M>;
  type X = PartwiseInput<M>;
  const names = Object.keys(parts).sort();
  if (names.length === 0) fail("partwiseEnergy has no parts", "at least one energy", "name one for each part of x");
  const perPart = (make: (model: Parts[string], name: string, i: number) => TensorTree) =>
    Object.fromEntries(names.map((name, i) => [name, make(parts[name]!, name, i)]));
  return {
    init: (key) => perPart((model, _, i) => model.init(random.fold(key, i))) as P,
    energy(params, x, learning) {
      const energies = names.map((name, i) =>
        parts[name]!.energy(params[name]!, x[name]!, learningOfPart(learning, i)),
      );
      return energies.reduce((sum, energy) => tf.add(sum, energy));
    },
    ...(names.some((name) => parts[name]!.refresh) && {
      refresh: (params: P, x: X) =>
        perPart((model, name) => refreshed(model, params[name]! as TensorTree, x[name]!)) as P,
    }),
  };
}
