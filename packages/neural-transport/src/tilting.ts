/**
 * The learner part of a tilt, for any trained backbone: compiled iterations, samples and chains.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, tidy } from "@ergodic/engine";
import { inChunks, random, readScalars, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { KernelState } from "@ergodic/samplers";
import type { ChainKernel, LatentSpace, Learner, ModelChain, ModelFunction, UpdateContext } from "@ergodic/training";
import { anyScaleKernel, latentKernel } from "./chains.js";
import { tiltUpdates, type TiltState } from "./learning.js";
import type { ResolvedTilt } from "./options.js";
import type { Tilted, TiltedParams } from "./tilted.js";

export type TiltedState<B extends TensorTree, E extends TensorTree> = {
  readonly params: TiltedParams<B, E>;
  readonly tilt: TiltState;
};

/** Phases in which a tilt is learned. Without phases every iteration is maximum likelihood. */
export const tiltPhases = ["contrastive", "likelihood"] as const;

/** The interface of all learners of tilted models. `S` is their state. */
export interface TiltedLearner<
  B extends TensorTree,
  E extends TensorTree,
  Batch,
  S extends TiltedState<B, E> = TiltedState<B, E>,
> extends Learner<S, Batch> {
  readonly model: Tilted<B, E>;
  sample(state: S, key: Key, n: number): Promise<tf.Tensor>;
  /** `n` examples of the backbone alone, displayed like those of `sample`. */
  sampleReference(state: S, key: Key, n: number): Promise<tf.Tensor>;
  /** Noise `[n, dimension]` at the end of the sampling chains. `sample` decodes it. */
  sampleNoise(state: S, key: Key, n: number): Promise<tf.Tensor>;
  /** The noise of the backbone. */
  readonly latents: LatentSpace<S, Batch>;
  exports(state: S, n: number): Readonly<Record<"energy" | "generator", ModelFunction>>;
}

type Params<B extends TensorTree, E extends TensorTree> = TiltedParams<B, E>;
export function tilting<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>(
  options: ResolvedTilt<B, E, Batch>,
) {
  const { backbone, energy, observe, display, chains, samplingTransitions } = options;
  const updates = tiltUpdates(options);
  const { model } = updates;

  const iteration = (rule: typeof updates.likelihood) =>
    compile((params: Params<B, E>, state: TiltState, batch: Batch, key: Key) => {
      const [dataKey, ruleKey] = random.split(key, 2) as [Key, Key];
      return rule(params, state, observe(batch, dataKey), ruleKey);
    });
  const contrastive = iteration(updates.contrastive);
  const likelihood = iteration(options.negatives === "weights" ? updates.weighted : updates.likelihood);
  const start = compile((n: number, key: Key) => random.normal(key, [n, backbone.dimension]));
  const kernelOf = (params: Params<B, E>, stepSize: tf.Scalar) =>
    latentKernel(model.latentEnergy(params), { options: chains, dimension: backbone.dimension, stepSize });
  const begin = compile((params: Params<B, E>, stepSize: tf.Scalar, z: tf.Tensor) =>
    kernelOf(model.prepared(params), stepSize).init(z),
  );
  // The kernel state is kept between calls, so no gradient is computed twice.
  const transition = compile(
    (params: Params<B, E>, stepSize: tf.Scalar, state: KernelState<tf.Tensor>, key: Key) =>
      kernelOf(model.prepared(params), stepSize).step(state, key)[0],
  );
  const shown = compile((params: Params<B, E>, z: tf.Tensor) => display(backbone.decode(params.backbone, z)));

  /** Final noise of `n` chains that start from N(0, I). */
  const walk = async ({ params, tilt }: TiltedState<B, E>, key: Key, n: number): Promise<tf.Tensor> => {
    const [startKey, walkKey] = random.split(key, 2) as [Key, Key];
    const z = await start(n, startKey);
    let state = await begin(params, tilt.stepSize, z);
    z.dispose();
    for (let i = 0; i < samplingTransitions; i += 1) {
      const next = await transition(params, tilt.stepSize, state, random.fold(walkKey, i));
      tree.dispose(state);
      state = next;
    }
    const { position, ...remembered } = state;
    tree.dispose(remembered);
    return position;
  };
  const decoded = async (params: Params<B, E>, z: tf.Tensor): Promise<tf.Tensor> => {
    try {
      return await shown(params, z);
    } finally {
      z.dispose();
    }
  };
  // Chunks have as many chains as learning.
  const inParts = (n: number, key: Key, make: (key: Key, count: number) => Promise<tf.Tensor>): Promise<tf.Tensor> =>
    inChunks(n, { chunk: chains.count, key }, (count, part) => make(part, count));

  const sampleNoise = (state: TiltedState<B, E>, key: Key, n: number): Promise<tf.Tensor> =>
    inParts(n, key, (part, count) => walk(state, part, count));
  const latents: LatentSpace<TiltedState<B, E>, Batch> = {
    sample: sampleNoise,
    decode: ({ params }, z) => shown(params, z as tf.Tensor),
  };

  return {
    model,
    latents,
    sampleNoise,

    init(params: B, key: Key): TiltedState<B, E> {
      const [energyKey, chainKey] = random.split(key, 2) as [Key, Key];
      const tilt = energy.init(energyKey);
      return { params: { backbone: params, energy: tilt }, tilt: updates.init(tilt, chainKey) };
    },

    async update<S extends TiltedState<B, E>>(state: S, batch: Batch, { key, phase }: UpdateContext) {
      const step = phase?.name === "contrastive" ? contrastive : likelihood;
      const { energy: next, state: tilt, metrics } = await step(state.params, state.tilt, batch, key);
      return {
        state: { ...state, params: { ...state.params, energy: next }, tilt },
        metrics: await readScalars(metrics),
      };
    },

    data: (batch: Batch) => tidy(() => display(observe(batch, random.key(0)))),
    sample: (state: TiltedState<B, E>, key: Key, n: number) =>
      inParts(n, key, async (part, count) => decoded(state.params, await walk(state, part, count))),
    sampleReference: ({ params }: TiltedState<B, E>, key: Key, n: number) =>
      inParts(n, key, async (part, count) => decoded(params, await start(count, part))),

    /** The chains of learning, run for longer. */
    latentChain({ params, tilt }: TiltedState<B, E>): ModelChain {
      const latentEnergy = model.latentEnergy(params);
      return {
        description: "the model in noise",
        steps: samplingTransitions,
        generative: true,
        start: (key, n) => random.normal(key, [n, backbone.dimension]),
        scattered: (key, n) => random.normal(key, [n, backbone.dimension], { sd: 1.5 }),
        kernel: kernelOf(params, tilt.stepSize) as ChainKernel,
        energy: (z) => latentEnergy(z as tf.Tensor),
        tilt: (z) => model.tilt(params)(z as tf.Tensor),
        observe: (z) => display(backbone.decode(params.backbone, z as tf.Tensor)),
      };
    },

    /**
     * Hamiltonian Monte Carlo over examples, started from a batch, for a backbone with a density.
     */
    dataChain({ params }: TiltedState<B, E>, batch: Batch): ModelChain {
      const dataEnergy = model.dataEnergy!(params);
      const examples = (key: Key, n: number): tf.Tensor => {
        const x = observe(batch, key);
        return tf.gather(x, random.integers(random.fold(key, 1), [n], { high: x.shape[0]! }));
      };
      return {
        description: "the same model in the space of examples",
        steps: samplingTransitions,
        generative: true,
        start: examples,
        scattered: examples,
        kernel: anyScaleKernel(dataEnergy, chains) as ChainKernel,
        energy: (x) => dataEnergy(x as tf.Tensor),
        observe: (x) => display(x as tf.Tensor),
      };
    },

    exports({ params }: TiltedState<B, E>, n: number): Readonly<Record<"energy" | "generator", ModelFunction>> {
      const z = tf.zeros([n, backbone.dimension]);
      return {
        energy: { fn: model.latentEnergy(params), example: [z], names: ["z"] },
        generator: { fn: (at: tf.Tensor) => display(backbone.decode(params.backbone, at)), example: [z], names: ["z"] },
      };
    },

    async dispose(): Promise<void> {
      await Promise.all([contrastive, likelihood, start, begin, transition, shown].map((program) => program.dispose()));
    },
  };
}
