/**
 * log Z_0 and log p(x_0), from one importance weight for each transition.
 *
 * With F = -E, let g_{t+1}(x) = F(α_{t+1} x, t + 1), and g_T = log N(0, I). For x ~ exp(g_{t+1})
 * and y ~ r(y | x), any normalised proposal,
 *
 *   Z_t/Z^x_{t+1} = E exp(F(y, t) - g_{t+1}(x) + log N(x; y, σ² I) - log r(y | x)).
 *
 * r = N(x + b ∇F(x, t), τ²), with b and τ of each entry fitted to draws of the model. The normal
 * approximation has b = τ² = σ², which is wide where noise is large. A marginal top level has no
 * transition, and r = N(m, τ²). The reciprocal, for y of the model and x = y + σ ε, estimates
 * Z^x_{t+1}/Z_t. The logarithms of both averages are too low in the mean, so they bound log Z from
 * both sides. Both hold for exact draws of the model; here they come from its chains.
 *
 * Gao et al., arXiv 2012.08125, section 3.4, anneal along the same ladder.
 */
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { MarginalLikelihood, PartitionEstimate } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import type { ancestral, Sampled } from "./ancestral.js";
import type { LevelEnergies } from "./conditional.js";
import { along, type Levels } from "@ergodic/noising";

/** Draws of the model for log Z, and how many of them run at once. */
const [SAMPLES, CHUNK] = [1_000, 100];

export interface TransitionWeights {
  /** log of the weights of Z_t/Z^x_{t+1}, `[n]`. */
  readonly forward: tf.Tensor;
  /** log of the reciprocal weights, `[n]`. */
  readonly reverse: tf.Tensor;
}

const summed = (x: tf.Tensor): tf.Tensor => tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1);

/** log N(x; mean, sd²), `[n]`, for an sd that broadcasts along x. */
function logNormal(x: tf.Tensor, mean: tf.Tensor | number, sd: tf.Tensor | number): tf.Tensor {
  const squares = tf.mul(-0.5, tf.square(tf.div(tf.sub(x, mean), sd)));
  return summed(tf.sub(squares, tf.add(tf.log(sd), 0.5 * Math.log(2 * Math.PI))));
}

/** Draws x_t and x_{t+1} of the model at one transition. */
export interface TransitionDraws<P extends TensorTree> {
  readonly params: P;
  /** t, int32 `[n]`. */
  readonly transition: tf.Tensor1D;
  /** x_t and x_{t+1}, `[n, ...]`. */
  readonly near: tf.Tensor;
  readonly far: tf.Tensor;
  /** Whether t is T - 1. */
  readonly top: boolean;
}

/**
 * r: b and τ of a transition, or m and τ of a marginal top level, one number for each entry of an
 * example, `[1, ...]`.
 */
export type Proposal = { readonly centre: tf.Tensor; readonly sd: tf.Tensor };

/** The weights of transitions and their proposals, as pure functions. */
export function transitionWeights<P extends TensorTree>(energies: LevelEnergies<P>, { count, transitions }: Levels) {
  const isMarginal = (top: boolean): boolean => top && transitions.tethered[count - 1] === 0;
  const scaled = ({ transition, near }: TransitionDraws<P>): tf.Tensor =>
    tf.mul(along(transitions.scale, transition, near), near);
  const spread = (residual: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.square(residual), 0, true));

  return {
    /** The proposal that fits the draws by least squares. */
    proposal(draws: TransitionDraws<P>): Proposal {
      const y = scaled(draws);
      if (isMarginal(draws.top)) {
        const centre = tf.mean(y, 0, true);
        return { centre, sd: spread(tf.sub(y, centre)) };
      }
      const moved = tf.sub(y, draws.far);
      const slope = tf.neg(energies.slope(draws.params, draws.far, draws.transition));
      const centre = tf.div(
        tf.sum(tf.mul(moved, slope), 0, true),
        tf.maximum(tf.sum(tf.square(slope), 0, true), 1e-20),
      );
      return { centre, sd: spread(tf.sub(moved, tf.mul(centre, slope))) };
    },

    weights(draws: TransitionDraws<P>, { centre, sd }: Proposal, key: Key): TransitionWeights {
      const { params, transition, far, top } = draws;
      const [forwardKey, reverseKey] = random.split(key) as [Key, Key];
      const y = scaled(draws);
      const f = (at: tf.Tensor): tf.Tensor => tf.neg(energies.energy(params, at, transition));
      if (isMarginal(top)) {
        const weight = (at: tf.Tensor): tf.Tensor => tf.sub(f(at), logNormal(at, centre, sd));
        const proposed = tf.add(centre, tf.mul(sd, random.normal(forwardKey, y.shape)));
        return { forward: weight(proposed), reverse: tf.neg(weight(y)) };
      }
      const noise = along(transitions.noise, transition, far);
      const above = tf.add(transition, tf.scalar(1, "int32")) as tf.Tensor1D;
      const g = (x: tf.Tensor): tf.Tensor =>
        top
          ? logNormal(x, 0, 1)
          : tf.neg(energies.energy(params, tf.mul(along(transitions.scale, above, x), x), above));
      const meanOf = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mul(centre, energies.slope(params, x, transition)));
      const weight = (x: tf.Tensor, at: tf.Tensor, mean: tf.Tensor): tf.Tensor => {
        const joint = tf.add(tf.sub(f(at), g(x)), logNormal(x, at, noise));
        return tf.sub(joint, logNormal(at, mean, sd));
      };
      const mean = meanOf(far);
      const proposed = tf.add(mean, tf.mul(sd, random.normal(forwardKey, far.shape)));
      const noisy = tf.add(y, tf.mul(noise, random.normal(reverseKey, y.shape)));
      return { forward: weight(far, proposed, mean), reverse: tf.neg(weight(noisy, y, meanOf(noisy))) };
    },
  };
}

interface LogMean {
  readonly value: number;
  /** (Σ w)²/Σ w². */
  readonly effective: number;
}

/** log mean exp of numbers, and the effective number of the weights exp. */
export function logMeanExp(logs: readonly number[]): LogMean {
  const highest = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logs.map((log) => Math.exp(log - highest));
  const total = weights.reduce((a, b) => a + b, 0);
  const squares = weights.reduce((a, b) => a + b * b, 0);
  return { value: highest + Math.log(total / logs.length), effective: (total * total) / squares };
}

interface LikelihoodParts<P extends TensorTree, S, Batch> {
  readonly energies: LevelEnergies<P>;
  readonly levels: Levels;
  readonly shape: readonly number[];
  readonly descend: ReturnType<typeof ancestral<P>>["descend"];
  /** K. */
  readonly steps: number;
  /** Step sizes that the caller disposes. */
  sampledOf(state: S): Sampled<P>;
  energyOf(state: S): P;
  observe(batch: Batch): tf.Tensor;
}

export function recoveryLikelihoods<P extends TensorTree, S, Batch>(parts: LikelihoodParts<P, S, Batch>) {
  const { energies, levels, shape, descend, steps, sampledOf, energyOf, observe } = parts;
  const { count, ladder, transitions } = levels;
  const dimension = shape.reduce((product, side) => product * side, 1);
  const rule = transitionWeights(energies, levels);
  const fit = compile(rule.proposal);
  const weigh = compile(rule.weights);
  const atData = compile((params: P, x: tf.Tensor, key: Key) => {
    const x0 = tf.add(tf.mul(ladder.signal[0]!, x), tf.mul(ladder.noise[0]!, random.normal(key, x.shape)));
    const transition = tf.fill([x.shape[0]!], 0, "int32") as tf.Tensor1D;
    return tf.neg(energies.energy(params, tf.mul(transitions.scale[0]!, x0), transition));
  });

  /** Calls `visit` with the draws of each transition, for one chunk of the model. */
  async function drawn(
    state: S,
    key: Key,
    visit: (t: number, draws: TransitionDraws<P>) => Promise<void>,
  ): Promise<void> {
    const { stepSizes, params } = sampledOf(state);
    const request = { randomness: { key }, n: CHUNK, steps, noise: 1 };
    const last = await descend({ stepSizes, params }, request, async (t, near, far) => {
      const transition = tf.fill([CHUNK], t, "int32") as tf.Tensor1D;
      await visit(t, { params: params.energy, transition, near, far, top: t === count - 1 });
      transition.dispose();
    });
    tree.dispose([last, stepSizes]);
  }

  /** All log weights by transition. The draws that proposals are fitted to do not enter. */
  async function weights(state: S, key: Key): Promise<{ forward: number[]; reverse: number[] }[]> {
    const collected = Array.from({ length: count }, () => ({ forward: [] as number[], reverse: [] as number[] }));
    const proposals: Proposal[] = [];
    await drawn(state, random.fold(key, 0), async (t, draws) => void (proposals[t] = await fit(draws)));
    for (let done = 0; done < SAMPLES; done += CHUNK) {
      const [chainKey, weightKey] = random.split(random.fold(key, 1 + done)) as [Key, Key];
      await drawn(state, chainKey, async (t, draws) => {
        const { forward, reverse } = await weigh(draws, proposals[t]!, random.fold(weightKey, t));
        collected[t]!.forward.push(...(await forward.data()));
        collected[t]!.reverse.push(...(await reverse.data()));
        tree.dispose([forward, reverse]);
      });
    }
    tree.dispose(proposals);
    return collected;
  }

  const likelihood: MarginalLikelihood<S, Batch> = {
    discrete: false,
    async partition(state, key): Promise<PartitionEstimate> {
      let [below, beyond, variance, effective] = [0, 0, 0, Infinity];
      for (const [t, { forward, reverse }] of [...(await weights(state, key)).entries()].reverse()) {
        const scale = t === count - 1 ? 0 : dimension * Math.log(transitions.scale[t + 1]!);
        const [up, down] = [logMeanExp(forward), logMeanExp(reverse)];
        below += up.value - scale;
        beyond += -down.value - scale;
        variance += 1 / up.effective - 1 / SAMPLES;
        effective = Math.min(effective, up.effective);
      }
      return {
        ...{ logPartition: below, reverse: beyond, standardError: Math.sqrt(variance) },
        ...{ samples: SAMPLES, effectiveSamples: effective },
      };
    },
    async logWeights(state, batch, key, samples) {
      const found = await atData(energyOf(state), observe(batch), key);
      const values = await found.data();
      found.dispose();
      const constant = dimension * Math.log(transitions.scale[0]!);
      return Float64Array.from(
        { length: values.length * samples },
        (_, i) => constant + values[Math.floor(i / samples)]!,
      );
    },
  };
  return {
    likelihood,
    async dispose() {
      await Promise.all([fit, weigh, atData].map((program) => program.dispose()));
    },
  };
}
