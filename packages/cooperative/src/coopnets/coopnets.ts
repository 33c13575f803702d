/**
 * Cooperative networks as a learner: an energy and a generator from noise that teach each other.
 */
import { compile } from "@ergodic/engine";
import { inChunks, random, readScalars, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner, ModelChain } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { describeChain, referred, revised, revisionKernel } from "../chain.js";
import { coopNetsLearning, type CoopNetsParams, type CoopNetsState } from "./learning.js";
import { resolveCoopNets, type CoopNetsOptions } from "./options.js";

/** Chains that run at once: bounds the memory of a large request. */
const CHUNK = 250;

export interface CoopNetsLearner<G extends TensorTree, E extends TensorTree, Batch> extends Learner<
  CoopNetsState<G, E>,
  Batch
> {
  /** Refined samples: g(z) after the chain. */
  sample(state: CoopNetsState<G, E>, key: Key, n: number): Promise<tf.Tensor>;
  /** Raw samples: g(z). They are the starts of `sample` with the same key. */
  sampleReference(state: CoopNetsState<G, E>, key: Key, n: number): Promise<tf.Tensor>;
  /**
   * E(x) + |x|²/(2σ²) of each example, without the second term where there is no reference,
   * `[batch]`.
   */
  score(state: CoopNetsState<G, E>, batch: Batch): Promise<tf.Tensor1D>;
}

/**
 * Learns an energy E of the data and a generator g of samples together (CoopNets).
 *
 * - The chain of E revises what g makes, so E learns from short chains with good starts.
 * - g learns from the revised examples, so it takes over what the chain does.
 *
 * Where both have learned, the chain moves g(z) in law no more.
 *
 * Xie, Lu, Zhu and Wu, "Cooperative Training of Descriptor and Generator Networks", arXiv
 * 1609.09408; they write f = -E.
 *
 * @throws ValidationError for an option out of range.
 */
export function coopNets<G extends TensorTree, E extends TensorTree, Batch>(
  given: CoopNetsOptions<G, E, Batch>,
): CoopNetsLearner<G, E, Batch> {
  type State = CoopNetsState<G, E>;
  type Params = CoopNetsParams<G, E>;
  const options = resolveCoopNets(given);
  const { generator, energy, chain, observe } = options;
  const { init, step } = coopNetsLearning(options);
  const energyOf = (params: Params) => (x: tf.Tensor) => energy.energy(params.energy, x);
  const density = (params: Params) => referred(chain, energyOf(params));
  const raw = (params: Params, n: number, key: Key): tf.Tensor =>
    generator.apply(params.generator, random.normal(random.fold(key, 0), [n, generator.latentDimension]));
  const refined = (params: Params, n: number, key: Key): tf.Tensor =>
    revised(chain, energyOf(params), raw(params, n, key), { key: random.fold(key, 1) });

  const update = compile(step);
  const programs = { raw: compile(raw), refined: compile(refined) };
  const score = compile((params: Params, x: tf.Tensor) => density(params)(x) as tf.Tensor1D);
  const samples =
    (made: "raw" | "refined") =>
    ({ params }: State, key: Key, n: number): Promise<tf.Tensor> =>
      inChunks(n, { chunk: CHUNK, key }, (count, part) => programs[made](params, count, part));

  const modelChain = ({ params }: State): ModelChain => ({
    description: "the energy of the data, from starts of the generator",
    steps: chain.steps,
    generative: true,
    start: (key, n) => raw(params, n, key),
    scattered: (key, n) => {
      const start = raw(params, n, random.fold(key, 0));
      return tf.add(start, random.normal(random.fold(key, 1), start.shape));
    },
    kernel: revisionKernel(chain, energyOf(params)) as ModelChain["kernel"],
    energy: (x) => density(params)(x as tf.Tensor),
    observe: (x) => x,
  });

  return {
    init: async (key) => init(key),
    async update(state: State, batch, { key }) {
      const next = await update(state, observe(batch), key);
      return { state: next.state, metrics: await readScalars(next.metrics) };
    },
    data: observe,
    sample: samples("refined"),
    sampleReference: samples("raw"),
    score: ({ params }, batch) => score(params, observe(batch)),
    chains: (state) => ({ data: modelChain(state) }),
    exports({ params }, n) {
      const z = tf.zeros([n, generator.latentDimension]);
      const x = raw(params, n, random.key(0));
      const next = (at: tf.Tensor, key: Key): tf.Tensor => {
        const kernel = revisionKernel(chain, energyOf(params));
        return kernel.step(kernel.init(at), key)[0].position;
      };
      return {
        energy: { fn: density(params), example: [x], names: ["x"] },
        generator: {
          fn: (at: tf.Tensor) => generator.apply(params.generator, at),
          example: [z],
          names: ["z"],
        },
        "sampler-step": { fn: next, example: [x, random.key(0)], names: ["x", "key"] },
      };
    },
    describe: () => `cooperative networks, ${generator.latentDimension} latent dimensions; ${describeChain(chain)}`,
    async dispose() {
      await Promise.all([update, programs.raw, programs.refined, score].map((program) => program.dispose()));
    },
  };
}
