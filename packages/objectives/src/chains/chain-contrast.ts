/** The loss of objectives whose negatives are the ends of chains. */
import type { EnergyModel } from "@ergodic/energies";
import type { KernelOf } from "@ergodic/samplers/annealing";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Loss } from "../objective.js";
import { assertContrast, contrastLoss, type ContrastOptions } from "./contrast.js";
import { assertSamplerTerm, samplerTermLoss, type SamplerTerm } from "./sampler-term.js";

export interface ChainContrastOptions extends ContrastOptions {
  readonly kernel: KernelOf<tf.Tensor>;
  /**
   * Adds the term of arXiv 2012.01316, by which the energy becomes easy to sample. It costs one
   * step of the chains and its gradient. Metric: `samplerTerm`. Default: it is left out.
   */
  readonly samplerTerm?: SamplerTerm;
}

/** @throws ValidationError for a negative penalty or weight. */
export function assertChainContrast(options: ChainContrastOptions): void {
  assertContrast(options);
  if (options.samplerTerm !== undefined) assertSamplerTerm(options.samplerTerm);
}

/** {@link contrastLoss}, plus the sampler term if it is asked for. */
export function chainContrastLoss<P extends TensorTree>(
  model: EnergyModel<P>,
  pair: { readonly positives: tf.Tensor; readonly negatives: tf.Tensor },
  { key }: { readonly key: Key },
  options: ChainContrastOptions,
): Loss<P> {
  const { kernel, samplerTerm } = options;
  const contrastOf = contrastLoss(model, pair, { key }, options);
  if (samplerTerm === undefined) return contrastOf;
  const { negatives } = pair;
  const termOf = samplerTermLoss(model, { kernel, negatives, key: random.fold(key, 2) }, samplerTerm);
  return (params) => {
    const [value, metrics] = contrastOf(params);
    const term = termOf(params);
    return [tf.add(value, term), { ...metrics, samplerTerm: term }];
  };
}
