/** The chains of a trained latent diffusion model, one for each level, for mixing diagnostics. */
import { perturb, type Levels } from "@ergodic/noising";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainKernel, ModelChain } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { SCATTER } from "../model-chains.js";
import type { Far, LevelChains } from "./chains.js";

interface ChainParts<E extends TensorTree> {
  readonly levels: Levels;
  readonly steps: number;
  readonly chains: LevelChains<E>;
  /** What latents x_0 decode to. */
  readonly decode: (z: tf.Tensor) => TensorTree;
  readonly show: ModelChain["show"];
  /** The context of `n` chains, if there is one. */
  readonly toldEach: (n: number) => tf.Tensor | undefined;
}

/**
 * The chain of y_t given x_{t+1} for every t, named `level t`. x_{t+1} is made of the latent z `[1,
 * d]`. The chain of a tilted or marginal top starts at N(0, I).
 */
export function diffusionChains<E extends TensorTree>(
  { levels, steps, chains, decode, show, toldEach }: ChainParts<E>,
  params: E,
  z: tf.Tensor,
): Record<string, ModelChain> {
  const { count, ladder, transitions, scale } = levels;
  const [, d] = z.shape as [number, number];

  function chain(t: number): ModelChain {
    const isFree = transitions.tethered[t] === 0 || transitions.centred[t] === 0;
    const given = (n: number): Far => {
      const transition = tf.fill([n], t, "int32") as tf.Tensor1D;
      const context = toldEach(n);
      return {
        far: tf.tile(perturb(ladder, z, t + 1, random.key(t)), [n, 1]),
        transition,
        ...(context && { context }),
      };
    };
    const rows = (position: unknown): number => (position as tf.Tensor).shape[0]!;
    const kernelAt = (position: unknown) => chains.kernel(params, given(rows(position)));
    const kernel: ChainKernel = {
      init: (position) => kernelAt(position).init(position as tf.Tensor),
      step: (state, key) => kernelAt(state.position).step(state as never, key),
    };
    return {
      description: isFree ? `the latents of level ${t}` : `the latents of level ${t} given those of level ${t + 1}`,
      steps,
      generative: false,
      start: (key, n) => (isFree ? random.normal(key, [n, d]) : given(n).far),
      scattered(key: Key, n: number) {
        if (isFree) return random.normal(key, [n, d], { sd: SCATTER });
        return tf.add(given(n).far, random.normal(key, [n, d], { sd: SCATTER * transitions.noise[t]! }));
      },
      kernel,
      energy: (position) =>
        tf.div(chains.scaledEnergy(params, given(rows(position)))(position as tf.Tensor), scale[t]!),
      ...(t === 0 && {
        observe: (y) => decode(tf.div(y as tf.Tensor, transitions.scale[0]!)),
        ...(show && { show }),
      }),
    };
  }
  return Object.fromEntries(Array.from({ length: count }, (_, t) => [`level ${t}`, chain(t)]));
}
