/**
 * log Z_0 and log p(x_0), by importance weights along the ladder.
 *
 * Downwards a population of x_{t+1} proposes y_t, is chosen by the weights of
 * `transitionWeights`, and moves by the chain of y_t given x_{t+1}, which leaves the weighted law
 * as it is. The product of the mean weights has the mean Z_0 for exact chains, so its logarithm is
 * too low in the mean. Upwards the population gets noise and is chosen by the reciprocal weights:
 * their product has the mean 1/Z_0 for exact draws of level 0.
 *
 * The choice matters. Energies of neighbouring levels are learned apart and agree only roughly.
 * With both averages over the same pairs (x, y), E w >= 1/E(1/w), the wrong order for bounds.
 *
 * Gao et al., arXiv 2012.08125, section 3.4, anneal along the same ladder. Del Moral, Doucet and
 * Jasra, "Sequential Monte Carlo samplers", 2006.
 */
import { compile } from "@ergodic/engine";
import { along, type Levels } from "@ergodic/noising";
import { logMeanExp, systematicResample } from "@ergodic/samplers/annealing";
import { importanceSampleSize } from "@ergodic/samplers/diagnostics";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { MarginalLikelihood, PartitionEstimate } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import type { ancestral, Sampled } from "./ancestral.js";
import type { compiledDraws } from "./compiled-draws.js";
import type { LevelEnergies } from "./conditional.js";
import { transitionWeights, type Proposal, type Transition } from "./transition-weights.js";

/** Members of the population, and how many of them move at once. */
const [SAMPLES, CHUNK] = [1_000, 100];

interface LikelihoodParts<P extends TensorTree, S, Batch> {
  readonly energies: LevelEnergies<P>;
  readonly levels: Levels;
  readonly shape: readonly number[];
  readonly draws: ReturnType<typeof compiledDraws<P>>;
  readonly descend: ReturnType<typeof ancestral<P>>["descend"];
  /** K. */
  readonly steps: number;
  /** Step sizes that the caller disposes. */
  sampledOf(state: S): Sampled<P>;
  energyOf(state: S): P;
  observe(batch: Batch): tf.Tensor;
}

/** One mean of weights, its effective number of members, and the members chosen by weight. */
interface Chosen {
  readonly logMean: number;
  readonly effective: number;
  readonly members: tf.Tensor1D;
}

function choose(logWeights: Float64Array, key: Key): Chosen {
  const members = systematicResample(logWeights, random.host.uniform(key, 1)[0]!);
  return {
    logMean: logMeanExp(logWeights),
    effective: importanceSampleSize(logWeights),
    members: tf.tensor1d(members, "int32"),
  };
}

/** The rows of a population by number. Disposes it. */
function picked(population: tf.Tensor, members: tf.Tensor1D): tf.Tensor {
  const chosen = tf.tidy(() => tf.gather(population, members));
  population.dispose();
  return chosen;
}

export function recoveryLikelihoods<P extends TensorTree, S, Batch>(parts: LikelihoodParts<P, S, Batch>) {
  const { energies, levels, shape, draws, descend, steps, sampledOf, energyOf, observe } = parts;
  const { count, ladder, transitions } = levels;
  const dimension = shape.reduce((product, side) => product * side, 1);
  const rule = transitionWeights(energies, levels);
  const fit = compile((of: Transition<P>, near: tf.Tensor, far: tf.Tensor) =>
    rule.proposal(of, tf.mul(along(transitions.scale, of.transition, near), near), far),
  );
  const down = compile(rule.down);
  const up = compile(rule.up);
  const atData = compile((params: P, x: tf.Tensor, key: Key) => {
    const x0 = tf.add(tf.mul(ladder.signal[0]!, x), tf.mul(ladder.noise[0]!, random.normal(key, x.shape)));
    const transition = tf.fill([x.shape[0]!], 0, "int32") as tf.Tensor1D;
    return tf.neg(energies.energy(params, tf.mul(transitions.scale[0]!, x0), transition));
  });

  const at = (params: P, t: number): Transition<P> => ({
    ...{ params, top: t === count - 1 },
    transition: tf.fill([CHUNK], t, "int32") as tf.Tensor1D,
  });

  /** The results of `move` for each chunk of a population, joined. */
  async function inParts<R extends { readonly [name: string]: tf.Tensor }>(
    population: readonly tf.Tensor[],
    key: Key,
    move: (chunk: tf.Tensor[], key: Key) => Promise<R>,
  ): Promise<R> {
    const found: R[] = [];
    for (let done = 0; done < SAMPLES; done += CHUNK) {
      const chunk = population.map((x) => tf.slice(x, done, CHUNK));
      found.push(await move(chunk, random.fold(key, done)));
      tree.dispose(chunk);
    }
    const joined = tf.tidy(() => tree.zip((...rows: tf.Tensor[]) => tf.concat(rows), ...(found as [R, ...R[]])));
    tree.dispose(found);
    return joined;
  }

  /** The proposals of all transitions, fitted to samples of the model. */
  async function proposalsOf({ params, stepSizes }: Sampled<P>, key: Key): Promise<Proposal[]> {
    const proposals: Proposal[] = [];
    const request = { randomness: { key }, n: CHUNK, steps, noise: 1 };
    const last = await descend({ params, stepSizes }, request, async (t, near, far) => {
      const of = at(params.energy, t);
      proposals[t] = await fit(of, near, far);
      of.transition.dispose();
    });
    last.dispose();
    return proposals;
  }

  /** The population of level 0, and the mean weights of Z_t/Z^x_{t+1}. */
  async function descent({ params, stepSizes }: Sampled<P>, proposals: readonly Proposal[], key: Key) {
    const found: Chosen[] = [];
    const noise = tf.scalar(1);
    let far: tf.Tensor = random.normal(random.fold(key, count), [SAMPLES, ...shape]);
    for (let t = count - 1; t >= 0; t--) {
      const [proposalKey, choiceKey, chainKey] = random.split(random.fold(key, t), 3) as [Key, Key, Key];
      const of = at(params.energy, t);
      const { y, logWeights } = await inParts([far], proposalKey, ([x], part) => down(of, x!, proposals[t]!, part));
      const chosen = choose(Float64Array.from(await logWeights.data()), choiceKey);
      found[t] = chosen;
      const [x, from] = [picked(far, chosen.members), picked(y, chosen.members)];
      const moved =
        steps === 0
          ? { y: from }
          : await inParts([x, from], chainKey, async ([xs, starts], part) => {
              const input = { far: xs!, transition: of.transition, stepSizes, noise };
              const drawn = await draws.run(params, input, { randomness: { key: part }, steps, from: starts });
              drawn.acceptance?.dispose();
              return { y: drawn.y };
            });
      far = tf.tidy(() => tf.div(moved.y, transitions.scale[t]!));
      tree.dispose([logWeights, x, from, of.transition, ...(steps === 0 ? [] : [moved.y])]);
    }
    noise.dispose();
    return { near: far, found };
  }

  /** The mean weights of Z^x_{t+1}/Z_t, from a population of level 0, which is disposed. */
  async function ascent({ params }: Sampled<P>, start: tf.Tensor, proposals: readonly Proposal[], key: Key) {
    const found: Chosen[] = [];
    let near = start;
    for (let t = 0; t < count; t++) {
      const [noiseKey, choiceKey] = random.split(random.fold(key, t)) as [Key, Key];
      const of = at(params.energy, t);
      const y = tf.tidy(() => tf.mul(transitions.scale[t]!, near));
      const { x, logWeights } = await inParts([y], noiseKey, ([part], k) => up(of, part!, proposals[t]!, k));
      const chosen = choose(Float64Array.from(await logWeights.data()), choiceKey);
      found[t] = chosen;
      tree.dispose([near, y, logWeights, of.transition]);
      near = picked(x, chosen.members);
    }
    near.dispose();
    return found;
  }

  const likelihood: MarginalLikelihood<S, Batch> = {
    discrete: false,
    async partition(state, key): Promise<PartitionEstimate> {
      const [proposalKey, downKey, upKey] = random.split(key, 3) as [Key, Key, Key];
      const sampled = sampledOf(state);
      const proposals = await proposalsOf(sampled, proposalKey);
      const { near, found: below } = await descent(sampled, proposals, downKey);
      const above = await ascent(sampled, near, proposals, upKey);
      tree.dispose([proposals, sampled.stepSizes, [...below, ...above].map(({ members }) => members)]);
      const total = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);
      // log Z^x_{t+1} = log Z_{t+1} - d log α_{t+1}.
      const scaled = dimension * total(Array.from(transitions.scale.subarray(1), Math.log));
      return {
        logPartition: total(below.map(({ logMean }) => logMean)) - scaled,
        reverse: -total(above.map(({ logMean }) => logMean)) - scaled,
        standardError: Math.sqrt(total(below.map(({ effective }) => 1 / effective - 1 / SAMPLES))),
        ...{ samples: SAMPLES, effectiveSamples: Math.min(...below.map(({ effective }) => effective)) },
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
      await Promise.all([fit, down, up, atData].map((program) => program.dispose()));
    },
  };
}
