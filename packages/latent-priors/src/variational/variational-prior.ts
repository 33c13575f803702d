/** A variational model with an energy-based prior, as a learner. */
import type * as tf from "@tensorflow/tfjs-core";
import { compile, tidy } from "@ergodic/engine";
import type { NoParams } from "@ergodic/nn";
import { langevin, runSteps } from "@ergodic/samplers";
import { assertPositiveInteger, random, readScalars, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainKernel, Learner, MarginalLikelihood, ModelChain, ModelFunction } from "@ergodic/training";
import { baseParams } from "../chains.js";
import { latentDraws, type LatentDraws } from "../draws.js";
import { SCATTER } from "../model-chains.js";
import { chainWeights } from "../likelihood/chain-weights.js";
import { marginalLikelihood } from "../likelihood/likelihood.js";
import { jointEnergy } from "./joint-energy.js";
import { noisePrior } from "../noise-prior.js";
import { resolveVariational, type VariationalOptions } from "./options.js";
import { noiseRules, priorParams, variationalSteps, type VariationalState } from "./steps.js";

export interface VariationalPriorLearner<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
>
  extends
    Omit<Learner<VariationalState<G, I, E, L>, Batch>, keyof LatentDraws<never, never, never, never>>,
    /** Latents are inferred as draws of q(z | x). */
    LatentDraws<VariationalState<G, I, E, L>, Batch, X, Z> {
  chains(state: VariationalState<G, I, E, L>, batch: Batch): Readonly<Record<"prior", ModelChain>>;
  /** By annealing from normal laws that are fitted to posterior chains from draws of q(z | x). */
  readonly likelihood: MarginalLikelihood<VariationalState<G, I, E, L>, Batch>;
  /**
   * Functions of `n` latents in noise:
   * - `energy`: U(ε), `[n]`.
   * - `generator`: the observations that they decode to.
   * - `sampler-step`: the noise after one Langevin step on U.
   */
  exports(
    state: VariationalState<G, I, E, L>,
    n: number,
  ): Readonly<Record<"energy" | "generator" | "sampler-step", ModelFunction>>;
}

const phases = ["backbone", "prior"] as const;

/** The chains that likelihoods are estimated with. Learning runs none of the posterior. */
const posteriorChain = { steps: 20, stepSize: 0.1 };

/**
 * A generator with latents of one layer or several, an inference model q(z | x), and an energy that
 * tilts the base law of the latents.
 *
 * - Without phases all parts learn together.
 * - With the phases `backbone` and `prior` generator, inference and base law first learn by the
 *   evidence lower bound. They then keep every bit, and the energy learns on what they infer.
 *
 * Chains of the prior run in noise where the latents have `fromNoise`. Cui, Wu, Han, "Learning
 * Joint Latent Space EBM Prior Model for Multi-layer Generator", arXiv 2306.06323.
 *
 * @throws ValidationError when a step size or a number of steps is not positive, or the base law
 *   has parameters and no optimiser.
 */
export function variationalPrior<
  G extends TensorTree,
  I extends TensorTree,
  E extends TensorTree,
  Batch,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
  L extends TensorTree = NoParams,
  Y extends TensorTree = tf.Tensor,
>(given: VariationalOptions<G, I, E, Batch, X, Z, L, Y>): VariationalPriorLearner<G, I, E, Batch, X, Z, L> {
  type State = VariationalState<G, I, E, L>;
  type Params = State["params"];
  const options = resolveVariational(given);
  const { generator, inference, energy, latents, observation, observe } = options;
  const prior = noisePrior(options);
  // The likelihood is that of the prior, whatever its chains sample.
  const exact = noisePrior({ ...options, jacobian: true });
  const steps = variationalSteps(options);
  const decode = ({ backbone }: Params, z: Z): X => observation.decode(generator.apply(backbone.generator, z));

  const energyGiven = jointEnergy(options);

  const updates = { joint: compile(steps.joint), backbone: compile(steps.backbone), prior: compile(steps.prior) };
  const inferred = compile(({ backbone }: Params, x: X, key: Key) => inference.draw(backbone.inference, x, key));
  const moved = compile((params: Params, x: X, z: Z, key: Key) => {
    const { steps: count, stepSize } = posteriorChain;
    return runSteps(langevin({ energy: energyGiven(params, x), stepSize }), z, { steps: count, key }).position;
  });
  const draws = latentDraws<Params, Batch, X, Z>(
    {
      decode,
      prior: (params, n, key) => prior.sample(priorParams(params), n, key),
      base: ({ backbone }, n, key) => latents.draw(baseParams(backbone), key, n),
      infer: (params, x, key) => inferred(params, x, key),
      energy: energyGiven,
      noise: noiseRules(prior),
      layers: latents.layers,
      error: ({ backbone }, x, z) => observation.error(generator.apply(backbone.generator, z), x),
    },
    { observe, observation },
  );

  const { likelihood, ...weighing } = marginalLikelihood<Params, Batch, X, Z>({
    observe,
    observation,
    weights: chainWeights<Params, X, Z>({
      dimension: latents.dimension,
      start: ({ backbone }, x, key) => inference.draw(backbone.inference, x, key),
      energy: energyGiven,
      move: (params, x, z, key) => moved(params, x, z, key),
    }),
    prior: {
      dimension: latents.dimension,
      sample: async (params, n, key) => (await draws.offers.latents.sample({ params }, key, n)) as Z,
      energy: (params) => exact.noiseEnergy(priorParams(params)),
    },
  });

  return {
    phases,
    init: async (key) => steps.init(key),
    async update(state, batch, { key, phase }) {
      const update = updates[(phase?.name ?? "joint") as keyof typeof updates];
      const next = await update(state, observe(batch), key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    ...draws.offers,
    likelihood,
    chains({ params }) {
      const of = priorParams(params);
      const chain: ModelChain = {
        description: "the prior of latents, in noise",
        generative: true,
        steps: options.prior.steps,
        start: (key, n) => latents.start(key, n),
        scattered: (key, n) => latents.start(key, n, { sd: SCATTER }),
        kernel: prior.kernel(of) as ChainKernel,
        energy: (noise) => prior.noiseEnergy(of)(noise as Z),
        tilt: (noise) => energy.energy(params.energy, prior.toLatents(of, noise as Z)),
        observe: (noise) => decode(params, prior.toLatents(of, noise as Z)),
        ...(observation.show && { show: (x: TensorTree) => observation.show!(x as X) }),
      };
      return { prior: chain };
    },
    exports({ params }, n) {
      assertPositiveInteger({ n });
      const of = priorParams(params);
      const noise = tidy(() => latents.start(random.key(0), n));
      const next = (at: Z, key: Key): Z => {
        const kernel = prior.kernel(of);
        return kernel.step(kernel.init(at), key)[0].position;
      };
      return {
        energy: { fn: prior.noiseEnergy(of), example: [noise], names: ["noise"] },
        generator: { fn: (at: Z) => decode(params, prior.toLatents(of, at)), example: [noise], names: ["noise"] },
        "sampler-step": { fn: next, example: [noise, random.key(0)], names: ["noise", "key"] },
      };
    },
    describe: () => `variational model with a latent-space EBM prior, ${latents.dimension} latent dimensions`,
    async dispose() {
      await Promise.all([
        inferred.dispose(),
        moved.dispose(),
        draws.dispose(),
        weighing.dispose(),
        ...Object.values(updates).map((update) => update.dispose()),
      ]);
    },
  };
}
