/** Learner of a tilt over a backbone that is already trained: a generator or a flow. */
import { assertFunction, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import { resolveTilt, type TiltLearnerOptions } from "./options.js";
import { tilting, tiltPhases, type TiltedLearner, type TiltedState } from "./tilting.js";

export interface TiltLearner<B extends TensorTree, E extends TensorTree, Batch> extends TiltedLearner<B, E, Batch> {
  /** `latent`, and `data` if the backbone has a density. */
  chains(state: TiltedState<B, E>, batch: Batch): Readonly<Record<string, ModelChain>>;
}

/**
 * Learns E of p(x) = exp(-E(x)) q(x)/Z over a fixed backbone x = g(z), z ~ N(0, I).
 *
 * E learns by maximum likelihood with Hamiltonian Monte Carlo in z. If the experiment has the
 * phases `contrastive` and `likelihood`, a contrastive start precedes it.
 *
 * Learning does not use q(x) or its gradient. So g may be any generator, with fewer noise than data
 * dimensions or with added noise. The gradient -E_data[∇E] + E_p[∇E] is still exact.
 *
 * Nijkamp et al., arXiv 2006.06897, for general latent-variable models; Xiao et al., "VAEBM", arXiv
 * 2010.00654.
 *
 * @throws ValidationError for options out of range.
 */
export function tiltLearner<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>({
  pretrained,
  ...given
}: TiltLearnerOptions<B, E, Batch>): TiltLearner<B, E, Batch> {
  assertFunction({ pretrained });
  const options = resolveTilt(given);
  const { init, latentChain, dataChain, ...tilt } = tilting(options);
  const { dimension, logDensity, shape } = options.backbone;

  return {
    ...tilt,
    phases: tiltPhases,

    async init(key) {
      const [backboneKey, tiltKey] = random.split(key, 2) as [Key, Key];
      return init(await pretrained(backboneKey), tiltKey);
    },

    chains: (state, batch) => ({
      latent: latentChain(state),
      ...(logDensity && { data: dataChain(state, batch) }),
    }),
    describe: () => `energy of ${shape.join(" x ")} tilting a backbone of ${dimension} noise dimensions`,
  };
}
