/** The evidence lower bound under the base law, for whole updates or a phase of them. */
import type { InferenceModel, Latents, ObservationModel } from "@ergodic/generators";
import type { Layer, NoParams } from "@ergodic/nn";
import type { Key, TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { baseParams } from "./chains.js";

/** All parts but the energy. */
export type Backbone<G extends TensorTree, I extends TensorTree, L extends TensorTree = NoParams> = {
  readonly generator: G;
  readonly inference: I;
  /** Absent where the base law has no parameters. */
  readonly latents?: L;
};

/** A key for the draw of q(z | x), and one for each part that may draw while it learns. */
export type BoundKeys = Readonly<Record<"draw" | "inference" | "generator" | "observation" | "latents", Key>>;

interface BoundParts<
  G extends TensorTree,
  I extends TensorTree,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
> {
  readonly generator: Layer<G, Z, Y>;
  readonly inference: InferenceModel<I, X, Z>;
  readonly latents: Latents<L, Z>;
  readonly observation: ObservationModel<X, Y>;
}

/**
 * The two terms of the negative evidence lower bound under p0, means of a batch, at a draw
 * z ~ q(z | x) that gradients pass through:
 *
 * - `surprise`: -log p(x | z).
 * - `divergence`: log q(z | x) - log p0(z).
 *
 * `reconstruction` is the error of g(z).
 */
export function evidenceBound<
  G extends TensorTree,
  I extends TensorTree,
  X extends TensorTree,
  Z extends TensorTree,
  L extends TensorTree,
  Y extends TensorTree,
>(
  { generator, inference, latents, observation }: BoundParts<G, I, X, Z, L, Y>,
  backbone: Backbone<G, I, L>,
  x: X,
  keys: BoundKeys,
) {
  const learning = { key: keys.inference };
  const z = inference.draw(backbone.inference, x, keys.draw, learning);
  const y = generator.apply(backbone.generator, z, { key: keys.generator });
  return {
    z,
    surprise: tf.neg(tf.mean(observation.logDensity(y, x, { key: keys.observation }))),
    divergence: tf.sub(
      tf.mean(latents.energy(baseParams(backbone), z, { key: keys.latents })),
      tf.mean(inference.energy(backbone.inference, z, x, learning)),
    ),
    reconstruction: tf.mean(observation.error(y, x)),
  };
}
