/** Diffusion recovery likelihood as a learner. */
import { compile } from "@ergodic/engine";
import {
  assertInteger,
  assertInRange,
  assertPositiveInteger,
  assertShape,
  inChunks,
  random,
  readScalars,
  tree,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import type { Learner } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { ancestral, type Known, type Sampled } from "./ancestral.js";
import { compiledDraws, type Drawn } from "./compiled-draws.js";
import { levelEnergies } from "./conditional.js";
import { drawsOf } from "./draws.js";
import { learning, type Prepared, type RecoveryState } from "./learning.js";
import { levelChains } from "./level-chains.js";
import { levelsOf, type Levels } from "@ergodic/noising";
import { recoveryLikelihoods } from "./likelihood.js";
import { withDefaults, type RecoveryLikelihoodOptions } from "./options.js";

/** Samples made at once: bounds the memory of a large request. */
const CHUNK = 100;

export interface AncestralOptions {
  /** K is multiplied by this at every level. Default 1: as in learning. */
  readonly lengths?: number;
  /** η. Default: `samplingNoise` of the learner. */
  readonly noise?: number;
}

export interface RecoveryLikelihoodLearner<P extends TensorTree, Batch> extends Learner<RecoveryState<P>, Batch> {
  /** The tables of its ladder. */
  readonly levels: Levels;
  /** `n` samples by ancestral sampling, `[n, ...shape]`. */
  sample(state: RecoveryState<P>, key: Key, n: number, options?: AncestralOptions): Promise<tf.Tensor>;
  /** E(α_0 x_0, 0) of each example x, with x_0 = A_0 x, `[batch]`. */
  score(state: RecoveryState<P>, batch: Batch): Promise<tf.Tensor1D>;
  /**
   * At transition t, for y_t `[batch, ...shape]`. `network` is E_net(y_t, t) = -f, which losses
   * contrast. `energy` is E(y_t, t) = -F, which densities and other levels compare with.
   */
  energiesAt(
    state: RecoveryState<P>,
    y: tf.Tensor,
    t: number,
  ): Promise<{ readonly network: tf.Tensor1D; readonly energy: tf.Tensor1D }>;
}

/**
 * Learns energies of data at falling noise, each from the conditional p(y_t | x_{t+1}) of its data
 * given noisier ones.
 *
 * - Samples are made level by level, from N(0, I) down. With the chains of T6, too short to mix,
 *   energies are up to two orders too sharp at low t: they make samples and are no densities.
 *   Likelihoods and long chains need a sampler that mixes, such as `proportionalSteps(ladder,
 *   0.1)`.
 * - Samples need the K and the step sizes of learning.
 * - With an initialiser it is cooperative diffusion recovery likelihood, arXiv 2309.05153.
 *
 * Gao, Song, Poole, Wu, Kingma, "Learning Energy-Based Models by Diffusion Recovery Likelihood",
 * arXiv 2012.08125.
 *
 * @throws ValidationError for options that do not fit together, or out of range.
 */
export function recoveryLikelihood<P extends TensorTree, Batch>(
  given: RecoveryLikelihoodOptions<P, Batch>,
): RecoveryLikelihoodLearner<P, Batch> {
  type State = RecoveryState<P>;
  const options = withDefaults(given);
  const { observe, shape, sampler, limits, samplingNoise } = options;
  const levels = levelsOf({ ...options, stepSizes: sampler.stepSizes });
  const { count, ladder, transitions } = levels;
  const energies = levelEnergies(options.model, levels);
  const pure = drawsOf(energies, levels, { sampler, initialiser: options.initialiser });
  const rule = learning({ options, levels, energies, draws: pure });

  const draws = compiledDraws(pure);
  const chains = ancestral({ draws, levels, shape });
  const prepare = compile(rule.prepare);
  const finish = compile((state: State, prepared: Prepared, drawn: Drawn | undefined, rate: number) =>
    rule.finish(state, prepared, drawn, rate),
  );
  const energiesOf = compile((params: P, y: tf.Tensor, transition: tf.Tensor1D) => {
    const network = energies.network(params, y, transition);
    return { network, energy: energies.energy(params, y, transition) };
  });
  const atData = compile((params: P, x: tf.Tensor) => {
    const transition = tf.fill([x.shape[0]!], 0, "int32") as tf.Tensor1D;
    return energies.energy(params, tf.mul(transitions.scale[0]! * ladder.signal[0]!, x), transition);
  });
  const clean = compile((params: P, x: tf.Tensor) => {
    const transition = tf.fill([x.shape[0]!], 0, "int32") as tf.Tensor1D;
    const alpha = transitions.scale[0]!;
    const slope = energies.slope(params, tf.mul(alpha, x), transition);
    return tf.div(tf.sub(x, tf.mul(ladder.noise[0]! ** 2 * alpha, slope)), ladder.signal[0]!);
  });
  const programs = [prepare, finish, energiesOf, atData, clean, draws, chains];

  /** What samples are made from. The caller disposes `stepSizes`. */
  const sampledOf = (state: State): Sampled<P> => ({
    params: state.params,
    stepSizes: tf.tidy(() => tf.clone(rule.stepSizes(state))),
  });

  const observed = (batch: Batch): tf.Tensor => {
    const x = observe(batch);
    assertShape(
      "the examples of a batch",
      x,
      [null, ...shape],
      `the learner was made with shape: [${shape.join(",")}]`,
    );
    return x;
  };

  async function descended(
    state: State,
    request: Omit<Parameters<typeof chains.descend>[1], "noise" | "steps">,
    { lengths = 1, noise = samplingNoise }: AncestralOptions = {},
  ): Promise<tf.Tensor> {
    assertPositiveInteger({ lengths });
    const sampled = sampledOf(state);
    try {
      const x = await chains.descend(sampled, { ...request, steps: lengths * sampler.steps, noise });
      if (!options.denoise) return x;
      const cleaned = await clean(state.params.energy, x);
      x.dispose();
      return cleaned;
    } finally {
      sampled.stepSizes.dispose();
    }
  }

  const likelihoods = recoveryLikelihoods<P, State, Batch>({
    ...{ energies, levels, shape, draws, descend: chains.descend, steps: sampler.steps },
    sampledOf,
    energyOf: ({ params }) => params.energy,
    observe: observed,
  });

  return {
    levels,
    limits: { drift: limits.drift, largest: limits.position },
    init: async (key) => rule.init(key),
    async update(state: State, batch, { key, rate = 1 }) {
      const [prepareKey, drawKey] = random.split(key) as [Key, Key];
      const prepared = await prepare(observed(batch), prepareKey);
      let drawn: Drawn | undefined;
      if (rule.draws) {
        const sampled = sampledOf(state);
        const noise = tf.scalar(1);
        const input = { far: prepared.far, transition: prepared.transition, stepSizes: sampled.stepSizes, noise };
        drawn = await draws.run(state.params, input, { randomness: { key: drawKey }, steps: sampler.steps });
        noise.dispose();
        sampled.stepSizes.dispose();
      }
      const next = await finish(state, prepared, drawn, rate);
      tree.dispose([prepared, { ...drawn }]);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    data: observe,
    sample: (state, key, n, sampling) =>
      inChunks(n, { chunk: CHUNK, key }, (size, part) =>
        descended(state, { randomness: { key: part }, n: size }, sampling),
      ),
    async inpaint(state: State, { mask, values }: Omit<Known, "key">, key: Key) {
      const n = values.shape[0]!;
      assertShape(
        "the values to inpaint",
        values,
        [null, ...shape],
        `the learner was made with shape: [${shape.join(",")}]`,
      );
      assertShape("the mask to inpaint", mask, values.shape, "give 1 where an entry is known and 0 elsewhere");
      const [knownKey, chainKey] = random.split(key) as [Key, Key];
      return descended(state, { randomness: { key: chainKey }, n, known: { mask, values, key: knownKey } });
    },
    interpolate: (state: State, key: Key, rows: number, columns: number) =>
      inChunks(rows, { chunk: 1, key }, async (_, part) => {
        const end = (i: number): Key => random.equalRows(random.fold(part, i));
        const [from, to] = [end(0), end(1)];
        const angle = tf.linspace(0, Math.PI / 2, columns);
        const row = await descended(state, { randomness: { key: from, towards: { key: to, angle } }, n: columns });
        angle.dispose();
        return row;
      }),
    async energiesAt({ params }, y, t) {
      assertInteger({ t });
      assertInRange({ t }, { min: 0, max: count - 1 });
      assertShape("y", y, [null, ...shape]);
      const transition = tf.fill([y.shape[0]!], t, "int32") as tf.Tensor1D;
      const found = await energiesOf(params.energy, y, transition);
      transition.dispose();
      return found;
    },
    score: ({ params }, batch) => atData(params.energy, observed(batch)),
    ...(sampler.steps > 0 && {
      chains: (state: State, batch: Batch) =>
        levelChains({ energies, levels, sampler, observe: observed }, state, batch),
    }),
    likelihood: likelihoods.likelihood,
    exports({ params }, n) {
      const y = tf.zeros([n, ...shape]);
      const transition = tf.zeros([n], "int32");
      const fn = (at: tf.Tensor, level: tf.Tensor1D): tf.Tensor => energies.energy(params.energy, at, level);
      return { energy: { fn, example: [y, transition], names: ["y", "transition"] } };
    },
    describe: () =>
      `energies at ${count} noise levels, ${sampler.steps === 0 ? sampler.name : `${sampler.steps} ${sampler.name} steps each`}` +
      (options.initialiser ? " from an initialiser" : ""),
    async dispose() {
      await Promise.all([...programs.map((program) => program.dispose()), likelihoods.dispose()]);
    },
  };
}
