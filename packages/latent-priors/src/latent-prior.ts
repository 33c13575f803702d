/** The latent-space EBM prior as a learner, for the training loop, samplers and evaluation. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, tidy } from "@ergodic/engine";
import type { NoParams } from "@ergodic/nn";
import { assertPositiveInteger, fail, random, readScalars, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner, MarginalLikelihood, ModelChain, ModelFunction } from "@ergodic/training";
import { chainKernel, latentChains, type LatentPriorParams } from "./chains.js";
import { latentDraws, type LatentDraws } from "./draws.js";
import { chainWeights } from "./likelihood/chain-weights.js";
import { marginalLikelihood } from "./likelihood/likelihood.js";
import { jointOptimizer, learningStep, posteriorKey, variationalStep, type LatentPriorState } from "./learning.js";
import { modelChains } from "./model-chains.js";
import { noisePrior } from "./noise-prior.js";
import { resolveOptions, type LatentPriorOptions } from "./options.js";
import { posteriorRuns } from "./posterior-runs.js";

/**
 * Chains are watched for this many times their length in training, to see where the energy settles.
 */
const DIAGNOSED_LENGTHS = 2;

const phases = ["variational", "chains"] as const;

export interface LatentPriorLearner<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
>
  extends
    Omit<Learner<LatentPriorState<G, E, L>, Batch>, keyof LatentDraws<never, never, never, never>>,
    /** Latents are inferred by the posterior chain of training. */
    LatentDraws<LatentPriorState<G, E, L>, Batch, X, Z> {
  diagnose(state: LatentPriorState<G, E, L>, key: Key): Promise<Record<string, number[]>>;
  /**
   * `prior`, unless it is the base law; `posterior 0` and `posterior 1` of the first observations
   * in the batch.
   */
  chains(state: LatentPriorState<G, E, L>, batch: Batch): Record<string, ModelChain>;
  /** By annealing from normal laws that are fitted to posterior chains. */
  readonly likelihood: MarginalLikelihood<LatentPriorState<G, E, L>, Batch>;
  /**
   * Functions of `n` latents:
   * - `energy`: U(z) = E(z) - log p0(z), `[n]`.
   * - `generator`: the observations that latents decode to.
   * - `sampler-step`: the latents after one Langevin step on U.
   *
   * Samples are decoded latents after `prior.steps` steps from N(0, I).
   */
  exports(state: LatentPriorState<G, E, L>, n: number): Readonly<Record<ExportName, ModelFunction>>;
}

type ExportName = "energy" | "generator" | "sampler-step";

/**
 * A generator with a latent-space energy-based prior, learned by short-run Langevin chains.
 *
 * Latents are vectors with the base law N(0, I), or those of `latents`: one layer or several, with
 * a base law of their own.
 *
 * With an inference model there may be two phases. In `variational` it learns with the generator by
 * a weighted evidence lower bound under p0, whose divergence rises from weight 0 to 1/β, β the
 * `likelihoodWeight` of the posterior chain. In `chains`, and without phases, all parts learn by the
 * chains. A decoder that could do without its latents, as those of sequences can, learns first to
 * read them.
 *
 * Sources: Pang et al., "Learning Latent Space Energy-Based Prior Model", arXiv 2006.08205; for
 * several layers Cui et al., "Learning Joint Latent Space EBM Prior Model for Multi-layer
 * Generator", arXiv 2306.06323.
 *
 * @throws ValidationError when a step size or a number of steps is not positive, latents are
 *   missing, or the base law has parameters and no optimiser.
 */
export function latentPrior<
  G extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
  Y extends TensorTree = tf.Tensor,
>(given: LatentPriorOptions<G, E, Batch, X, Z, L, Y>): LatentPriorLearner<G, E, Batch, X, Z, L> {
  type State = LatentPriorState<G, E, L>;
  type Params = LatentPriorParams<G, E, L>;
  const options = resolveOptions(given);
  const { generator, energy, latents, inference, observation, observe } = options;
  const chains = latentChains(options);
  const decode = (params: Params, z: Z): X => observation.decode(generator.apply(params.generator, z));

  const step = compile(learningStep(options));
  const variational = inference && compile(variationalStep(options, inference));
  const runs = posteriorRuns<Params, X, Z>(
    { start: chains.posteriorStart, advance: chains.advancePosterior },
    options.posterior,
  );
  // Without noise a chain would end in one point, and no law could be fitted to its points.
  const noisy = latentChains({ ...options, posterior: { ...options.posterior, noise: true, likelihoodWeight: 1 } });
  const noisyRuns = posteriorRuns<Params, X, Z>(
    { start: noisy.posteriorStart, advance: noisy.advancePosterior },
    options.posterior,
  );
  const noise = noisePrior<E, Z, L>(options);
  const draws = latentDraws<Params, Batch, X, Z>(
    {
      decode,
      prior: (params, n, key) => chains.samplePrior(params, n, key),
      base: (params, n, key) => chains.sampleBase(params, n, key),
      infer: (params, x, key) => runs.sample(params, x, key),
      energy: (params, x) => chains.posteriorEnergy(params, x),
      noise,
      layers: latents.layers,
      error: (params, x, z) => observation.error(generator.apply(params.generator, z), x),
    },
    { observe, observation },
  );
  const { dimension } = latents;
  const { likelihood, ...weighing } = marginalLikelihood<Params, Batch, X, Z>({
    observe,
    observation,
    weights: chainWeights<Params, X, Z>({
      dimension,
      start: chains.posteriorStart,
      move: (params, x, z, key) => noisyRuns.move(params, x, z, key),
      energy: chains.posteriorEnergy,
    }),
    prior: energy && {
      dimension,
      sample: async (params, n, key) => (await draws.offers.latents.sample({ params }, key, n)) as Z,
      energy: noise.noiseEnergy,
    },
  });
  const watch = compile((params: Params, n: number, key: Key) => {
    const kernel = chainKernel(chains.priorEnergy(params), options.prior);
    const [start, ...steps] = random.split(key, 1 + DIAGNOSED_LENGTHS * options.prior.steps) as [Key, ...Key[]];
    let state = kernel.init(latents.start(start, n));
    const curves = steps.map((stepKey) => {
      const [next, info] = kernel.step(state, stepKey);
      state = next;
      return { energy: tf.mean(info.energy), gradientNorm: tf.mean(info.gradientNorm) };
    });
    return {
      energy: tf.stack(curves.map((at) => at.energy)),
      gradientNorm: tf.stack(curves.map((at) => at.gradientNorm)),
    };
  });

  return {
    async init(key) {
      const [generatorKey, energyKey, latentsKey, inferenceKey] = random.split(key, 4) as [Key, Key, Key, Key];
      const params: Params = {
        generator: generator.init(generatorKey),
        ...(energy && { energy: energy.init(energyKey) }),
        ...(latents.init && { latents: latents.init(latentsKey) }),
        ...(inference && { inference: inference.init(inferenceKey) }),
      };
      return { params, optimizer: jointOptimizer(options).init(params) };
    },
    phases,
    async update(state: State, batch, { key, phase }) {
      const x = observe(batch);
      if (phase?.name === phases[0]) {
        if (variational === undefined)
          fail(
            `the phase ${phases[0]} has no inference model`,
            "inference among the options of latentPrior",
            `or set training.phases.${phases[0]}=0`,
          );
        const share = tf.scalar(phase.iteration / phase.iterations);
        const { state: next, metrics } = await variational(state, x, key, share);
        share.dispose();
        return { state: next, metrics: await readScalars(metrics) };
      }
      const positive =
        options.posterior.stepsPerCall === undefined
          ? undefined
          : await runs.sample(state.params, x, posteriorKey(key));
      const next = await (positive === undefined ? step(state, x, key) : step(state, x, key, positive));
      tree.dispose(positive as TensorTree | undefined);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    ...draws.offers,
    likelihood,
    async diagnose({ params }, key) {
      const { energy: energies, gradientNorm } = await watch(params, 100, key);
      const curves = {
        "prior energy along the chain": [...energies.dataSync()],
        "gradient norm along the chain": [...gradientNorm.dataSync()],
      };
      tf.dispose([energies, gradientNorm]);
      return curves;
    },
    chains: ({ params }, batch) => modelChains(options, params, observe(batch)),
    exports({ params }, n) {
      assertPositiveInteger({ n });
      const z = tidy(() => tree.map((leaf) => tf.zerosLike(leaf), latents.start(random.key(0), n) as TensorTree)) as Z;
      const prior = chains.priorEnergy(params);
      const next = (at: Z, key: Key): Z => {
        const kernel = chainKernel(prior, options.prior);
        return kernel.step(kernel.init(at), key)[0].position;
      };
      return {
        energy: { fn: prior, example: [z], names: ["z"] },
        generator: { fn: (at: Z) => decode(params, at), example: [z], names: ["z"] },
        "sampler-step": { fn: next, example: [z, random.key(0)], names: ["z", "key"] },
      };
    },
    describe() {
      const untilted = latents.init === undefined ? "fixed Gaussian prior" : "learned base law as prior";
      const prior = energy === undefined ? untilted : "latent-space EBM prior";
      return `${prior}, ${latents.dimension} latent dimensions`;
    },
    async dispose() {
      const programs = [step, variational, watch, runs, noisyRuns, draws, weighing];
      await Promise.all(programs.map((program) => program?.dispose()));
    },
  };
}
