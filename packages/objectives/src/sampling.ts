/** What a learner of an energy offers if it has chains: samples, chains for diagnosis, exports. */
import type { EnergyModel } from "@ergodic/energies";
import { assertPositiveInteger, inChunks, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { compiledChains } from "./compiled-chains.js";
import type { EnergyState } from "./learning.js";
import type { Sampling } from "./objective.js";

/** Chains that run at once: bounds the memory of a large request. */
export const CHUNK = 500;

/**
 * `n` of `count` places in random order, int32 `[n]`. Every place is taken once before one is taken
 * again.
 */
const somePlaces = (count: number, { n, key }: { readonly n: number; readonly key: Key }): tf.Tensor1D =>
  tf.tidy(() => {
    const order = random.permutation(key, count);
    return tf.slice1d(n <= count ? order : tf.tile(order, [Math.ceil(n / count)]), 0, n);
  });

interface Starts<S extends TensorTree> {
  readonly objective: S;
  /** Places of kept positions, int32 `[n]`; disposed here. Without them the starts are fresh. */
  readonly places: tf.Tensor1D | undefined;
  readonly n: number;
  readonly key: Key;
}

/** `n` samples in parts. `run` moves chains from their starts to samples. */
export async function sampledFrom<S extends TensorTree>(
  { fresh, kept }: Sampling<S>,
  { objective, places, n, key }: Starts<S>,
  run: (start: tf.Tensor, key: Key) => Promise<tf.Tensor>,
): Promise<tf.Tensor> {
  try {
    return await inChunks(n, { chunk: CHUNK, key }, async (count, part, from) => {
      const [startKey, chainKey] = random.split(part) as [Key, Key];
      const start = tf.tidy(() =>
        places === undefined ? fresh(startKey, count) : kept!.at(objective, tf.slice1d(places, from, count)),
      );
      const samples = await run(start, chainKey);
      start.dispose();
      return samples;
    });
  } finally {
    places?.dispose();
  }
}

/**
 * Samples, chains and exports of the energies of a model.
 *
 * Samples start from the positions that the objective keeps, or else from fresh ones. Up to as many
 * samples as positions start from different ones.
 *
 * @throws ValidationError when the number of steps is no positive integer.
 */
export function sampledBy<P extends TensorTree, S extends TensorTree>(model: EnergyModel<P>, sampling: Sampling<S>) {
  type Sampled = Pick<EnergyState<P, S>, "params" | "objective">;
  const { kernel, steps, fresh, kept, arrived = kernel } = sampling;
  assertPositiveInteger({ "sampling.steps": steps });
  const energyOf = (params: P) => (x: tf.Tensor) => model.energy(params, x);

  const chains = compiledChains(sampling, energyOf);

  const chain = ({ params, objective }: Sampled): ModelChain => ({
    description: "the energy of the data",
    steps,
    generative: true,
    start: (key, n) => (kept === undefined ? fresh(key, n) : kept.at(objective, somePlaces(kept.count, { n, key }))),
    scattered: fresh,
    kernel: kernel(energyOf(params)) as ModelChain["kernel"],
    energy: (x) => model.energy(params, x as tf.Tensor),
    observe: (x) => x,
  });

  return {
    offers: {
      sample({ params, objective }: Sampled, key: Key, n: number) {
        const places = kept && somePlaces(kept.count, { n, key });
        return sampledFrom(sampling, { objective, places, n, key }, (start, part) => chains.run(params, start, part));
      },
      chains: (state: Sampled) => ({ data: chain(state) }),
      exports({ params }: Sampled, n: number) {
        const x = fresh(random.key(0), n);
        const sampler = (at: tf.Tensor, key: Key): tf.Tensor => {
          const moves = arrived(energyOf(params));
          return moves.step(moves.init(at), key)[0].position;
        };
        return {
          energy: { fn: energyOf(params), example: [x], names: ["x"] },
          "sampler-step": { fn: sampler, example: [x, random.key(0)], names: ["x", "key"] },
        };
      },
    },
    dispose: () => chains.dispose(),
  };
}
