/** What a learner of an energy offers if it has chains: samples, chains for diagnosis, exports. */
import { compile } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { runSteps, type Energy } from "@ergodic/samplers";
import { assertPositiveInteger, inChunks, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import type { EnergyState } from "./learning.js";
import type { Sampling } from "./objective.js";

/** Samples of one compiled call: bounds the memory of a large request. */
export const CHUNK = 500;

/** Where chains of an energy are after the steps of `sampling`, from `start`. */
export const reached = (
  { kernel, steps }: Pick<Sampling<never>, "kernel" | "steps">,
  energy: Energy,
  { start, key }: { readonly start: tf.Tensor; readonly key: Key },
): tf.Tensor => runSteps(kernel(energy), start, { steps, key }).position;

/**
 * Samples, chains and exports of the energies of a model.
 *
 * @throws ValidationError when the number of steps is no positive integer.
 */
export function sampledBy<P extends TensorTree, S extends TensorTree>(model: EnergyModel<P>, sampling: Sampling<S>) {
  type Sampled = Pick<EnergyState<P, S>, "params" | "objective">;
  const { kernel, steps, fresh, kept, arrived = kernel } = sampling;
  assertPositiveInteger({ "sampling.steps": steps });
  const energyOf = (params: P) => (x: tf.Tensor) => model.energy(params, x);
  const startOf = (objective: S, key: Key, n: number): tf.Tensor => kept?.(objective, key, n) ?? fresh(key, n);

  const samples = compile(({ params, objective }: Sampled, n: number, key: Key) => {
    const [startKey, chainKey] = random.split(key) as [Key, Key];
    const start = startOf(objective, startKey, n);
    return reached(sampling, energyOf(params), { start, key: chainKey });
  });

  const chain = ({ params, objective }: Sampled): ModelChain => ({
    description: "the energy of the data",
    steps,
    generative: true,
    start: (key, n) => startOf(objective, key, n),
    scattered: fresh,
    kernel: kernel(energyOf(params)) as ModelChain["kernel"],
    energy: (x) => model.energy(params, x as tf.Tensor),
    observe: (x) => x,
  });

  return {
    offers: {
      sample: ({ params, objective }: Sampled, key: Key, n: number) =>
        inChunks(n, { chunk: CHUNK, key }, (count, part) => samples({ params, objective }, count, part)),
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
    dispose: () => samples.dispose(),
  };
}
