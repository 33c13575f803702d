/** The latent-space EBM prior as a learner: what a training loop, a sampler and an evaluation ask of it. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { langevin } from "@ergodic/samplers";
import { assertPositiveInteger, inChunks, random, readScalars, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner, ModelChain, ModelFunction } from "@ergodic/training";
import { chainsOf, type LatentPriorParams } from "./chains.js";
import { posteriorEnergy } from "./densities.js";
import { jointOptimizer, learningStep, type LatentPriorState } from "./learning.js";
import { modelChains } from "./model-chains.js";
import { resolveOptions, type LatentPriorOptions } from "./options.js";

/** Samples of one compiled call: bounds the memory of a large request. */
const CHUNK = 500;

/** A chain is watched for this many times its training length, to see where its energy settles. */
const DIAGNOSED_LENGTHS = 2;

export interface LatentPriorLearner<G extends TensorTree, E extends TensorTree, Batch> extends Learner<
  LatentPriorState<G, E>,
  Batch
> {
  /** `n` latents `[n, d]` after the prior chain of training. */
  sampleLatents(state: LatentPriorState<G, E>, key: Key, n: number): Promise<tf.Tensor>;
  /** `n` decoded draws of the Gaussian reference N(0, I), without the prior chain. */
  sampleReference(state: LatentPriorState<G, E>, key: Key, n: number): Promise<tf.Tensor>;
  /** The latent of each observation after the posterior chain of training: `[batch, d]`. */
  infer(state: LatentPriorState<G, E>, x: tf.Tensor, key: Key): Promise<tf.Tensor>;
  /**
   * -log p(x, z) up to a constant at the end z of a posterior chain: -log p(x | z) + E(z) + |z|²/2, `[batch]`.
   * High for observations unlike the training data.
   */
  score(state: LatentPriorState<G, E>, batch: Batch, key: Key): Promise<tf.Tensor1D>;
  sample(state: LatentPriorState<G, E>, key: Key, n: number): Promise<tf.Tensor>;
  reconstruct(
    state: LatentPriorState<G, E>,
    batch: Batch,
    key: Key,
  ): Promise<{ original: tf.Tensor; reconstruction: tf.Tensor }>;
  diagnose(state: LatentPriorState<G, E>, key: Key): Promise<Record<string, number[]>>;
  /** `prior`, unless it is a fixed Gaussian; `posterior 0` and `posterior 1` of the first observations in the batch. */
  chains(state: LatentPriorState<G, E>, batch: Batch): Record<string, ModelChain>;
  /**
   * `energy`, U(z) = E(z) + |z|²/2 of latents `z [n, d]`; `generator`, what they decode to; `sampler-step`, the latents after one
   * Langevin step on U. Latents after `prior.steps` steps from N(0, I), decoded, are samples.
   */
  exports(state: LatentPriorState<G, E>, n: number): Readonly<Record<ExportName, ModelFunction>>;
}

type ExportName = "energy" | "generator" | "sampler-step";

/**
 * A generator with a latent-space energy-based prior, learned by short-run Langevin chains
 * (Pang et al., "Learning Latent Space Energy-Based Prior Model", arXiv 2006.08205).
 *
 * @throws ValidationError when a step size or a number of steps is not positive.
 */
export function latentPrior<G extends TensorTree, E extends TensorTree, Batch>(
  given: LatentPriorOptions<G, E, Batch>,
): LatentPriorLearner<G, E, Batch> {
  type State = LatentPriorState<G, E>;
  type Params = LatentPriorParams<G, E>;
  const options = resolveOptions(given);
  const { generator, energy, observation, observe } = options;
  const chains = chainsOf(options);
  const decode = (params: Params, z: tf.Tensor): tf.Tensor => observation.decode(generator.apply(params.generator, z));

  const step = compile(learningStep(options));
  const latents = compile((params: Params, n: number, key: Key) => chains.samplePrior(params, n, key));
  const images = compile((params: Params, n: number, key: Key) => decode(params, chains.samplePrior(params, n, key)));
  const references = compile((params: Params, n: number, key: Key) =>
    decode(params, random.normal(key, [n, generator.latentDimension])),
  );
  const posterior = compile((params: Params, x: tf.Tensor, key: Key) => chains.samplePosterior(params, x, key));
  const reconstruction = compile((params: Params, x: tf.Tensor, key: Key) =>
    decode(params, chains.samplePosterior(params, x, key)),
  );
  const score = compile((params: Params, x: tf.Tensor, key: Key) => {
    const z = chains.samplePosterior(params, x, key);
    const likelihood = (at: tf.Tensor): tf.Tensor => observation.logDensity(generator.apply(params.generator, at), x);
    return posteriorEnergy(chains.priorEnergy(params), likelihood)(z) as tf.Tensor1D;
  });
  const watch = compile((params: Params, n: number, key: Key) => {
    const kernel = langevin({ energy: chains.priorEnergy(params), stepSize: options.prior.stepSize });
    const [start, ...steps] = random.split(key, 1 + DIAGNOSED_LENGTHS * options.prior.steps) as [Key, ...Key[]];
    let state = kernel.init(random.normal(start, [n, generator.latentDimension]));
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
      const [generatorKey, energyKey] = random.split(key, 2) as [Key, Key];
      const generated = { generator: generator.init(generatorKey) };
      const params: Params = energy === undefined ? generated : { ...generated, energy: energy.init(energyKey) };
      return { params, optimizer: jointOptimizer(options).init(params) };
    },
    async update(state: State, batch, { key }) {
      const next = await step(state, observe(batch), key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    sample: ({ params }, key, n) => inChunks(n, { chunk: CHUNK, key }, (count, part) => images(params, count, part)),
    sampleLatents: ({ params }, key, n) =>
      inChunks(n, { chunk: CHUNK, key }, (count, part) => latents(params, count, part)),
    sampleReference: ({ params }, key, n) =>
      inChunks(n, { chunk: CHUNK, key }, (count, part) => references(params, count, part)),
    infer: ({ params }, x, key) => posterior(params, x, key),
    score: ({ params }, batch, key) => score(params, observe(batch), key),
    async reconstruct({ params }, batch, key) {
      const original = observe(batch);
      return { original: tf.clone(original), reconstruction: await reconstruction(params, original, key) };
    },
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
      const z = tf.zeros([n, generator.latentDimension]);
      const prior = chains.priorEnergy(params);
      const step = (at: tf.Tensor, key: Key): tf.Tensor => {
        const kernel = langevin({ energy: prior, stepSize: options.prior.stepSize });
        return kernel.step(kernel.init(at), key)[0].position;
      };
      return {
        energy: { fn: prior, example: [z], names: ["z"] },
        generator: { fn: (at: tf.Tensor) => decode(params, at), example: [z], names: ["z"] },
        "sampler-step": { fn: step, example: [z, random.key(0)], names: ["z", "key"] },
      };
    },
    describe() {
      const prior = energy === undefined ? "fixed Gaussian prior" : "latent-space EBM prior";
      return `${prior}, ${generator.latentDimension} latent dimensions`;
    },
    async dispose() {
      const programs = [step, latents, images, references, posterior, reconstruction, score, watch];
      await Promise.all(programs.map((program) => program.dispose()));
    },
  };
}
