/**
 * A kernel of one's own, checked where the truth is known.
 *
 * The Barker proposal (Livingstone and Zanella, arXiv 1908.11812): every coordinate draws a
 * symmetric step and turns it towards lower energy with the probability 1 / (1 + exp(s ∂E)). It
 * is accepted by the Metropolis-Hastings test with the ratio of those probabilities.
 *
 *     npx tsx examples/own-kernel.ts
 *     npx ergodic sample-target correlated-normal --kernel ./examples/own-kernel.ts
 */
import { checkSampler } from "@ergodic/diagnosis";
import { correlatedNormal } from "@ergodic/energies";
import type { Energy } from "@ergodic/samplers";
import { metropolis, potential, tunable } from "@ergodic/samplers/kernels";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { pathToFileURL } from "node:url";

interface State {
  readonly [name: string]: tf.Tensor;
  readonly position: tf.Tensor;
  readonly energy: tf.Tensor1D;
  readonly gradient: tf.Tensor;
  readonly stepSize: tf.Tensor;
}

/** x' = x ± ε ξ. `warmUp` finds ε, because the state names `stepSize` and the report `acceptProb`. */
export default function barker(energy: Energy) {
  const evaluate = potential(energy, "barker");
  const kernel = {
    init: (position: tf.Tensor): State => ({ position, ...evaluate(position), stepSize: tf.scalar(0.1) }),
    step(state: State, key: Key): [State, { acceptProb: tf.Tensor1D; accepted: tf.Tensor1D }] {
      const { position, gradient, stepSize } = state;
      const [stepKey, turnKey, testKey] = random.split(key, 3);
      const steps = tf.mul(tf.reshape(stepSize, [-1, 1]), random.normal(stepKey, position.shape));
      const towards = tf.less(random.uniform(turnKey, position.shape), tf.sigmoid(tf.neg(tf.mul(steps, gradient))));
      const moves = tf.where(towards, steps, tf.neg(steps));
      const proposed = tf.add(position, moves);
      const there = evaluate(proposed);
      // log of the ratio of the turns: softplus(s ∂E(x)) - softplus(-s ∂E(x')), over coordinates.
      const turns = tf.sub(tf.softplus(tf.mul(moves, gradient)), tf.softplus(tf.neg(tf.mul(moves, there.gradient))));
      const rise = tf.sub(tf.sub(there.energy, state.energy), tf.sum(turns, 1)) as tf.Tensor1D;
      const { accepted, acceptProb } = metropolis(rise, testKey);
      const rows = tf.expandDims(accepted, 1);
      return [
        {
          ...state,
          position: tf.where(rows, proposed, position),
          energy: tf.where(accepted, there.energy, state.energy),
          gradient: tf.where(rows, there.gradient, gradient),
        },
        { acceptProb, accepted },
      ];
    },
  };
  return tunable(kernel, { targetAcceptance: 0.6 });
}

/** The kernel on a normal law with known moments. */
export async function main({ draws = 5000 } = {}) {
  const target = correlatedNormal({ correlation: 0.5 });
  const { quantities, troubles, stepSize } = await checkSampler(barker, target, { draws, warmup: 500 });
  console.log(`step size ${stepSize.toFixed(3)}, ${troubles.length} troubles`);
  console.table(
    quantities.map(({ name, mean, exactMean, sd, exactSd, essBulk }) => ({
      name,
      mean,
      exactMean,
      sd,
      exactSd,
      essBulk,
    })),
  );
  return troubles;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
