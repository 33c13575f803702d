/**
 * log p(x) of a latent diffusion model by importance sampling:
 *
 * `log p(x) ≈ log mean_j [p(x | z_j) p(z_j)/q(z_j | x)]`, `z_j ~ q(z | x)`.
 *
 * The density of the prior is not known: every step of the ladder has a normaliser that depends on
 * the latent one level up. In its place stands the kernel density of its draws, so the numbers are
 * those of the model whose prior draws are smoothed by that kernel. They are exact for it.
 */
import { compile } from "@ergodic/engine";
import { kernelDensity, normalConstant, type HostLaw } from "@ergodic/evaluation/likelihood";
import { fromNoise, type NormalInference, type ObservationModel } from "@ergodic/generators";
import type { Layer } from "@ergodic/nn";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { MarginalLikelihood } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { examplesIn } from "../examples.js";
import { repeated } from "../likelihood/vectors.js";
import type { DiffusionParams } from "./losses.js";

/** Draws of the prior that are centres of kernels, and draws that choose their width. */
const [centres, others] = [2_000, 500];

/** Importance samples of an observation in one compiled call. */
const atOnce = 50;

export interface SmoothedRules<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
  S extends X,
> {
  readonly generator: Layer<G, tf.Tensor, Y>;
  readonly observation: ObservationModel<X, Y>;
  readonly inference: NormalInference<I, S>;
  observe(batch: Batch): S;
  /** `n` latents of the prior, `[n, d]`. */
  sample(params: DiffusionParams<G, I, E>, key: Key, n: number): Promise<tf.Tensor>;
}

export function smoothedLikelihood<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree,
  Y extends TensorTree,
  S extends X,
>({ generator, observation, inference, observe, sample }: SmoothedRules<G, I, E, Batch, X, Y, S>) {
  type Params = DiffusionParams<G, I, E>;
  const d = inference.dimension;
  /** Draws of q(z | x), and log p(x | z) - log q(z | x) of each. */
  const weigh = compile((params: Params, x: S, key: Key, count: number) => {
    const many = repeated(x, count);
    const law = inference.law(params.inference, many);
    const z = fromNoise(law, random.normal(key, law.mean.shape));
    const seen = observation.logDensity(generator.apply(params.generator, z), many);
    return { z, logs: tf.add(seen, inference.energy(params.inference, z, many)) };
  });
  /** One for each tree of parameters, by draws with fixed keys. */
  const laws = new WeakMap<object, Promise<HostLaw>>();
  const smoothed = async (params: Params): Promise<HostLaw> => {
    const drawn = await sample(params, random.key("draws of the prior"), centres + others);
    const points = await drawn.data<"float32">();
    drawn.dispose();
    return kernelDensity(points.slice(0, centres * d), points.slice(centres * d), d);
  };
  const lawOf = (params: Params): Promise<HostLaw> => {
    const found = laws.get(params) ?? smoothed(params);
    laws.set(params, found);
    return found;
  };
  const likelihood: MarginalLikelihood<{ readonly params: Params }, Batch> = {
    discrete: observation.discrete ?? false,
    prior: `the kernel density of ${centres.toLocaleString("en")} draws`,
    partition: () => Promise.resolve({ logPartition: 0, standardError: 0 }),
    async logWeights({ params }, batch, key, samples) {
      const [law, x] = [await lawOf(params), observe(batch)];
      const n = examplesIn("the observation", x);
      const logWeights = new Float64Array(n * samples);
      for (let from = 0; from < samples; from += atOnce) {
        const count = Math.min(atOnce, samples - from);
        const found = await weigh(params, x, random.fold(key, from), count);
        const [logs, prior] = [await found.logs.data(), law.logDensity(await found.z.data<"float32">())];
        tree.dispose(found);
        prior.forEach((log, at) => {
          const [i, j] = [Math.floor(at / count), at % count];
          // The energy of q leaves its constant out.
          logWeights[i * samples + from + j] = logs[at]! + log - normalConstant(d);
        });
      }
      return logWeights;
    },
  };
  return { likelihood, dispose: () => weigh.dispose() };
}
