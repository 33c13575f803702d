/**
 * Layers of a variational model one by one: redrawn below a layer, and scores of observations by
 * the layers above it.
 *
 * Cui, Wu, Han, "Learning Joint Latent Space EBM Prior Model for Multi-layer Generator", arXiv
 * 2306.06323. The ratio of two scores is the statistic of Havtorn et al., "Hierarchical VAEs Know
 * What They Don't Know", arXiv 2102.08248.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { GaussianHierarchy, LayeredLatents } from "@ergodic/generators";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { redrawnBelow } from "../layer-scores.js";
import { noisePrior } from "../noise-prior.js";
import { jointEnergy } from "./joint-energy.js";
import type { ResolvedVariational } from "./options.js";
import { noiseRules, type VariationalParams } from "./steps.js";

type Hierarchy = readonly TensorTree[];

/** Options of a model whose base law is a Gaussian hierarchy. */
export type LayeredVariational<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
> = ResolvedVariational<G, I, E, Batch, X, LayeredLatents, Hierarchy, Y> & { readonly latents: GaussianHierarchy };

/** Pure functions of parameters, for use inside a compiled function. */
export function layerwise<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
>(options: LayeredVariational<G, I, E, Batch, X, Y>) {
  const { inference, latents } = options;
  type Params = VariationalParams<G, I, E, Hierarchy>;
  const joint = jointEnergy(options);

  /**
   * z with its layers z1, ..., zk drawn from p(z1, ..., zk | z(k+1), ..., zL) by the chain of the
   * prior, in their noise. With k = 0 it is z.
   *
   * @throws ValidationError unless 0 ≤ k < L.
   */
  const below = redrawnBelow(noiseRules<G, I, E, Hierarchy, LayeredLatents>(noisePrior(options)), latents.layers);

  /**
   * -L^{>k}(x), `[batch]`: -log p(x, z) up to a constant, with z(k+1), ..., zL from q(z | x) and
   * the layers below from the prior given them. High for outliers.
   *
   * k = 0 is the learner's `score`. The difference of the scores for k and 0 is the likelihood
   * ratio LLR^{>k}: it is high where lower layers explain an observation better than the upper ones
   * can.
   *
   * @throws ValidationError unless 0 ≤ k < L.
   */
  const scoreAbove = (params: Params, x: X, k: number, key: Key): tf.Tensor1D => {
    const [drawKey, belowKey] = random.split(key) as [Key, Key];
    const inferred = inference.draw(params.backbone.inference, x, drawKey);
    return joint(params, x)(below(params, inferred, k, belowKey)) as tf.Tensor1D;
  };

  return { redrawnBelow: below, scoreAbove };
}
