/** The tilted flow as a learner: what a training loop, a sampler and an evaluation ask of it. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { flowLearner } from "@ergodic/flows";
import type { Energy } from "@ergodic/samplers";
import { inChunks, random, readScalars, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Learner, ModelChain, ModelFunction } from "@ergodic/training";
import { advance } from "./chains.js";
import { tiltLearning, type TiltState } from "./learning.js";
import { resolveOptions, type ChainOptions, type NeuralTransportOptions } from "./options.js";
import type { Tilted, TiltedParams } from "./tilted.js";

export type NeuralTransportState<B extends TensorTree, E extends TensorTree> = {
  readonly params: TiltedParams<B, E>;
  readonly flow: { readonly optimizer: TensorTree; readonly skipped: tf.Scalar };
  readonly tilt: TiltState;
  /** Completed iterations; they decide what is learned next. */
  readonly iteration: tf.Scalar;
};

type State<B extends TensorTree, E extends TensorTree> = NeuralTransportState<B, E>;

export interface NeuralTransportLearner<B extends TensorTree, E extends TensorTree, Batch> extends Learner<
  State<B, E>,
  Batch
> {
  readonly model: Tilted<B, E>;
  sample(state: State<B, E>, key: Key, n: number): Promise<tf.Tensor>;
  /** `n` examples of the flow alone, shown as `sample` shows its own. */
  sampleReference(state: State<B, E>, key: Key, n: number): Promise<tf.Tensor>;
  /** Noise `[n, dimension]` after the sampling chains, from which `sample` decodes. */
  sampleNoise(state: State<B, E>, key: Key, n: number): Promise<tf.Tensor>;
  /** log q(x) of the flow and -E(x) of the tilt, `[batch]` both, in nats: log p(x) is their sum less log Z. */
  logDensities(state: State<B, E>, x: tf.Tensor): Promise<{ flow: tf.Tensor1D; tilt: tf.Tensor1D }>;
  chains(state: State<B, E>, batch: Batch): Readonly<Record<"latent" | "data", ModelChain>>;
  exports(state: State<B, E>, n: number): Readonly<Record<"energy" | "generator", ModelFunction>>;
}

/** Samples of one compiled call: bounds the memory of a large request. */
const chunk = 64;

/**
 * Neural transport: a flow learned by maximum likelihood, then an energy that tilts it, learned with Hamiltonian Monte Carlo in the flow's noise.
 *
 * Iterations go to the flow first, then to the contrastive start of the energy where there is one, then to maximum likelihood.
 * Nijkamp et al., "MCMC should mix: learning energy-based model with neural transport latent space MCMC", arXiv 2006.06897.
 *
 * @throws ValidationError for options out of range.
 */
export function neuralTransport<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>(
  given: NeuralTransportOptions<B, E, Batch>,
): NeuralTransportLearner<B, E, Batch> {
  const options = resolveOptions(given);
  const { flow, energy, optimizers, observe, display, iterations, maxGradientNorm, samplingTransitions } = options;
  const learning = tiltLearning(options);
  const { model } = learning;
  type Params = TiltedParams<B, E>;

  const flowPart = flowLearner({ flow, optimizer: optimizers.flow, observe, maxGradientNorm: maxGradientNorm.flow });
  const likelihood = compile((params: Params, state: TiltState, batch: Batch, key: Key) => {
    const [dataKey, chainKey] = random.split(key, 2) as [Key, Key];
    return learning.likelihood(params, state, observe(batch, dataKey), chainKey);
  });
  const contrastive = compile((params: Params, state: TiltState, batch: Batch, key: Key) => {
    const [dataKey, noiseKey] = random.split(key, 2) as [Key, Key];
    return learning.contrastive(params, state, observe(batch, dataKey), noiseKey);
  });
  const start = compile((n: number, key: Key) => random.normal(key, [n, flow.dimension]));
  const transition = compile((params: Params, z: tf.Tensor, stepSize: tf.Scalar, key: Key) =>
    advance(model.latentEnergy(params), z, { options: options.chains, transitions: 1, stepSize, key }),
  );
  const shown = compile((params: Params, z: tf.Tensor) => display(flow.decode(params.backbone, z)));
  const densities = compile((params: Params, x: tf.Tensor) => ({
    flow: flow.logDensity(params.backbone, x),
    tilt: tf.neg(energy.energy(params.energy, x)) as tf.Tensor1D,
  }));

  /** Noise of `n` chains that began as N(0, I). */
  const walk = async ({ params, tilt }: State<B, E>, key: Key, n: number): Promise<tf.Tensor> => {
    const [startKey, walkKey] = random.split(key, 2) as [Key, Key];
    let z = await start(n, startKey);
    for (let i = 0; i < samplingTransitions; i += 1) {
      const { position, ...info } = await transition(params, z, tilt.stepSize, random.fold(walkKey, i));
      tree.dispose([z, info]);
      z = position;
    }
    return z;
  };
  const decoded = async (params: Params, z: tf.Tensor): Promise<tf.Tensor> => {
    try {
      return await shown(params, z);
    } finally {
      z.dispose();
    }
  };

  return {
    model,

    async init(key, example) {
      const [flowKey, energyKey, chainKey] = random.split(key, 3) as [Key, Key, Key];
      const { params: backbone, ...flowState } = await flowPart.init(flowKey, example);
      const tilt = energy.init(energyKey);
      return {
        params: { backbone, energy: tilt },
        flow: flowState,
        tilt: learning.init(tilt, chainKey),
        iteration: tf.scalar(0),
      };
    },

    async update(state, batch, key) {
      const done = (await state.iteration.data())[0]!;
      const iteration = tf.scalar(done + 1);
      if (done < iterations.flow) {
        const before = { params: state.params.backbone, ...state.flow };
        const { state: next, metrics } = await flowPart.update(before, batch, key);
        const { params: backbone, ...flowState } = next;
        return { state: { ...state, params: { ...state.params, backbone }, flow: flowState, iteration }, metrics };
      }
      const step = done < iterations.flow + iterations.contrastive ? contrastive : likelihood;
      const { energy: next, state: tilt, metrics } = await step(state.params, state.tilt, batch, key);
      return {
        state: { ...state, params: { ...state.params, energy: next }, tilt, iteration },
        metrics: await readScalars(metrics),
      };
    },

    sampleNoise: (state, key, n) => inChunks(n, { chunk, key }, (count, part) => walk(state, part, count)),
    sample: (state, key, n) =>
      inChunks(n, { chunk, key }, async (count, part) => decoded(state.params, await walk(state, part, count))),
    sampleReference: ({ params }, key, n) =>
      inChunks(n, { chunk, key }, async (count, part) => decoded(params, await start(count, part))),
    logDensities: ({ params }, x) => densities(params, x),

    chains({ params, tilt }, batch) {
      const latentEnergy = model.latentEnergy(params);
      const dataEnergy = model.dataEnergy!(params);
      const walking = (energy: Energy, chains: ChainOptions, stepSize: tf.Scalar): ModelChain["step"] => {
        return (at, key) =>
          advance(energy, at as tf.Tensor, { options: chains, transitions: 1, stepSize, key }).position;
      };
      const examples = (key: Key, n: number): tf.Tensor => {
        const x = observe(batch, key);
        return tf.gather(x, random.integers(random.fold(key, 1), [n], { high: x.shape[0]! }));
      };
      return {
        latent: {
          description: "the model in the noise of its flow",
          steps: samplingTransitions,
          generative: true,
          start: (key, n) => random.normal(key, [n, flow.dimension]),
          scattered: (key, n) => random.normal(key, [n, flow.dimension], { sd: 1.5 }),
          step: walking(latentEnergy, options.chains, tilt.stepSize),
          energy: (z) => latentEnergy(z as tf.Tensor),
          show: (z) => display(flow.decode(params.backbone, z as tf.Tensor)),
        },
        data: {
          description: "the same model in the space of examples",
          steps: samplingTransitions,
          generative: true,
          start: examples,
          scattered: examples,
          step: walking(dataEnergy, { ...options.chains, jumps: false }, tf.scalar(options.chains.dataStepSize)),
          energy: (x) => dataEnergy(x as tf.Tensor),
          show: (x) => display(x as tf.Tensor),
        },
      };
    },

    exports({ params }, n) {
      const z = tf.zeros([n, flow.dimension]);
      return {
        energy: { fn: model.latentEnergy(params), example: [z], names: ["z"] },
        generator: { fn: (at: tf.Tensor) => display(flow.decode(params.backbone, at)), example: [z], names: ["z"] },
      };
    },
    describe: () => `energy tilting a flow of ${flow.dimension} dimensions, Hamiltonian Monte Carlo in its noise`,
  };
}
