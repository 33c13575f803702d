/**
 * One iteration of cooperative learning, as a pure function.
 *
 * 1. z ~ N(0, I), and the chain moves g(z) to x̃.
 * 2. The energy descends mean E(x) - mean E(x̃).
 * 3. MCMC teaching: the generator descends mean |x̃ - g(z)|²/(2σ_g²), with the z that the chain
 *    started from.
 *
 * Xie, Lu, Zhu and Wu, "Cooperative Training of Descriptor and Generator Networks", arXiv
 * 1609.09408, Algorithm CoopNets. Both updates use the networks before the iteration.
 */
import { standardNormalEnergy } from "@ergodic/generators";
import {
  globalNorm,
  perPart,
  refreshed,
  skipUnsound,
  trainedGradient,
  type Optimizer,
  type SkipUnsoundState,
} from "@ergodic/nn";
import { langevin, runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree, type Trained } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { revised } from "../chain.js";
import { energyGradient } from "../contrast.js";
import type { ResolvedCoopNets } from "./options.js";

export type CoopNetsParams<G extends TensorTree, E extends TensorTree> = {
  readonly generator: G;
  readonly energy: E;
};

export type CoopNetsState<G extends TensorTree, E extends TensorTree> = {
  readonly params: CoopNetsParams<G, E>;
  readonly optimizer: SkipUnsoundState<TensorTree>;
};

/** The first state, and the step from one state to the next. */
export function coopNetsLearning<G extends TensorTree, E extends TensorTree, Batch>(
  options: ResolvedCoopNets<G, E, Batch>,
) {
  const { generator, energy, chain, sigma, penalty, inference, optimizers } = options;
  const optimizer = skipUnsound(perPart({ ...optimizers }) as Optimizer);
  const precision = 1 / (sigma * sigma);

  /** |x̃ - g(z)|²/(2σ_g²), `[n]`. */
  const misfit = (target: tf.Tensor, made: tf.Tensor): tf.Tensor =>
    tf.mul(precision, standardNormalEnergy(tf.sub(target, made)));

  /** z after the chain of its posterior given x̃. */
  const inferred = (params: G, z: tf.Tensor, target: tf.Tensor, key: Key): tf.Tensor => {
    if (inference === undefined) return z;
    const { steps, stepSize } = inference;
    const posterior = (at: tf.Tensor): tf.Tensor =>
      tf.add(standardNormalEnergy(at), misfit(target, generator.apply(params, at)));
    return runSteps(langevin({ energy: posterior, stepSize }), z, { steps, key }).position;
  };

  return {
    init(key: Key): CoopNetsState<G, E> {
      const [generatorKey, energyKey] = random.split(key) as [Key, Key];
      const params = { generator: generator.init(generatorKey), energy: energy.init(energyKey) };
      return { params, optimizer: optimizer.init(params) };
    },

    step({ params, optimizer: before }: CoopNetsState<G, E>, x: tf.Tensor, key: Key) {
      const [latentKey, learningKey, chainKey, inferenceKey, energyKey] = random.split(key, 5) as [
        ...[Key, Key, Key, Key, Key],
      ];
      const drawn = random.normal(latentKey, [options.chains ?? x.shape[0]!, generator.latentDimension]);
      // The loss below makes the same numbers, with the same key: compiled, they are computed once.
      const start = generator.apply(params.generator, drawn, { key: learningKey });
      const target = revised(chain, (at) => energy.energy(params.energy, at), start, { key: chainKey });
      const z = inferred(params.generator, drawn, target, inferenceKey);
      const contrasted = energyGradient(
        energy,
        params.energy,
        { data: x, revised: target },
        { penalty, key: energyKey },
      );
      const teaching = trainedGradient((g: G) => tf.mean(misfit(target, generator.apply(g, z, { key: learningKey }))))(
        params.generator,
      );
      const grads = { generator: teaching.grad, energy: contrasted.grad };
      const moved = optimizer.update(params, grads as unknown as Trained<CoopNetsParams<G, E>>, before);
      const next: CoopNetsState<G, E> = {
        params: {
          generator: refreshed(generator, moved.params.generator, z),
          energy: refreshed(energy, moved.params.energy, x),
        },
        optimizer: moved.state,
      };
      const metrics: Readonly<Record<string, tf.Tensor>> = {
        energyGap: contrasted.gap,
        displacement: tf.mean(tf.abs(tf.sub(target, start))),
        teaching: teaching.value,
        energyGradientNorm: globalNorm(contrasted.grad as TensorTree),
        generatorGradientNorm: globalNorm(teaching.grad as TensorTree),
        ...optimizer.metrics!(moved.state),
      };
      return { state: next, metrics };
    },
  };
}
