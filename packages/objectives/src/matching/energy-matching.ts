/** Energy Matching: an energy that first carries noise to the data, then learns their density. */
import type { EnergyModel } from "@ergodic/energies";
import type { Energy } from "@ergodic/samplers";
import { fail, random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { NoState, Objective } from "../objective.js";
import { contrastLoss } from "../chains/contrast.js";
import { atDensity, fromSource, negativesOf } from "./chains.js";
import { flowMatchingLoss } from "./flow-loss.js";
import { heat } from "./heat.js";
import { resolved, type EnergyMatchingOptions } from "./options.js";
import { transportPaired } from "./pairing.js";
import { withoutHighest } from "./trimmed.js";

/**
 * The keys of an update: of the source's draws, the flow, the chains' starts and steps, the
 * contrast.
 */
const keysOf = (key: Key) => random.split(key, 5) as [Key, Key, Key, Key, Key];

/**
 * Energy Matching, in two phases that the experiment names.
 *
 * - `flow`: {@link flowMatchingLoss} between the source and the data.
 * - `contrastive`: the same plus max(λ(mean V(x) - trimmed mean V(x⁻)), -β). A path point at time u
 *   has the weight 1 - ε(u)/ε_max.
 *
 * The negatives x⁻ are ends of M steps x - Δ∇V(x) + √(2Δε) ξ. Half of the chains start at the data,
 * with ε = ε_max. The other half starts at the source, with ε = ε(τ) at time τ: 0 before τ*, linear
 * to ε_max at 1, and ε_max after it. No gradient passes through a chain. Samples are such chains
 * from the source.
 *
 * Balcerak et al., "Energy Matching: Unifying Flow Matching and Energy-Based Models for Generative
 * Modeling", arXiv 2504.10612. Its potential is V = ε_max E.
 *
 * @throws ValidationError for options out of range.
 */
export function energyMatching(given: EnergyMatchingOptions) {
  const options = resolved(given);
  const { source, pairing, temperature, heatFrom, samplingSteps, weight, trim, bound } = options;
  const draws = (key: Key, n: number): tf.Tensor => source(keysOf(key)[0], n);

  return <P extends TensorTree>(model: EnergyModel<P>): Objective<P, NoState> => ({
    phases: ["flow", "contrastive"],
    init: () => ({}),
    ...(pairing === "transport" && {
      async prepare(x: tf.Tensor, key: Key) {
        const origins = draws(key, x.shape[0]!);
        const paired = await transportPaired(origins, x);
        origins.dispose();
        return paired;
      },
    }),
    begin({ params, x, phase, prepared, key }) {
      const [, flowKey, startKey, chainKey, contrastKey] = keysOf(key);
      const origins =
        pairing === "random"
          ? draws(key, x.shape[0]!)
          : (prepared ?? fail("an update has no pairs", "those of prepare"));
      const energyOf =
        (at: P, learningKey: Key): Energy =>
        (point: tf.Tensor) =>
          model.energy(at, point, { key: learningKey });
      const flowLoss = (at: P, weightOf?: (time: tf.Tensor) => tf.Tensor): tf.Tensor =>
        flowMatchingLoss(energyOf(at, random.fold(flowKey, 0)), x, {
          ...{ origins, temperature, key: random.fold(flowKey, 1) },
          ...(weightOf && { weight: weightOf }),
        });

      if (phase === "flow")
        return {
          state: {},
          loss(at) {
            const flow = flowLoss(at);
            return [flow, { loss: flow, flow }];
          },
        };

      const energy = (point: tf.Tensor) => model.energy(params, point);
      const ends = negativesOf(energy, x, { ...options, keys: [startKey, chainKey] });
      const negatives = withoutHighest(ends, () => energy(ends), trim);
      const contrast = contrastLoss(model, { positives: x, negatives }, { key: contrastKey }, {});
      return {
        state: {},
        loss(at) {
          const flow = flowLoss(at, (time) => tf.sub(1, heat(time, heatFrom)));
          const [gap, energies] = contrast(at);
          const bounded = tf.maximum(tf.mul(weight * temperature, gap), -bound);
          const loss = tf.add(flow, bounded);
          return [loss, { loss, flow, ...energies }];
        },
      };
    },
    sampling: {
      kernel: fromSource(options),
      steps: samplingSteps,
      fresh: source,
      arrived: atDensity(options),
    },
  });
}
