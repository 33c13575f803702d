/** The tilted flow as a learner, with sampling, scoring and export. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { flowLearner, type FlowState } from "@ergodic/flows";
import { fail, random, type Key, type TensorTree } from "@ergodic/tensor";
import type { LatentSpace, ModelChain } from "@ergodic/training";
import { resolveTilt, type NeuralTransportOptions } from "./options.js";
import type { TiltedParams } from "./tilted.js";
import { tilting, tiltPhases, type TiltedLearner, type TiltedState } from "./tilting.js";

export type NeuralTransportState<B extends TensorTree, E extends TensorTree> = TiltedState<B, E> & {
  readonly flow: Omit<FlowState<B>, "params">;
};

type State<B extends TensorTree, E extends TensorTree> = NeuralTransportState<B, E>;

export interface NeuralTransportLearner<B extends TensorTree, E extends TensorTree, Batch> extends TiltedLearner<
  B,
  E,
  Batch,
  State<B, E>
> {
  /**
   * log q(x) of the flow and -E(x) of the tilt, both `[batch]`, in nats. log p(x) is their sum
   * minus log Z.
   */
  logDensities(state: State<B, E>, x: tf.Tensor): Promise<{ flow: tf.Tensor1D; tilt: tf.Tensor1D }>;
  /**
   * E(x) - log q(x) of every example of a batch: -log p(x) up to the constant log Z. Higher values
   * are less likely under the model.
   */
  score(state: State<B, E>, batch: Batch, key: Key): Promise<tf.Tensor1D>;
  /** The noise of the flow. Examples have exactly one noise each, h(x). */
  readonly latents: LatentSpace<State<B, E>, Batch>;
  chains(state: State<B, E>, batch: Batch): Readonly<Record<"latent" | "data", ModelChain>>;
}

const phases = ["flow", ...tiltPhases] as const;

/**
 * Neural transport: a flow and an energy that tilts it.
 *
 * The flow learns by maximum likelihood. The energy learns with Hamiltonian Monte Carlo in the
 * flow's noise.
 *
 * The experiment names its phases, in this order:
 * - `flow`: maximum likelihood of the flow
 * - `contrastive`: optional contrastive start of the energy
 * - `likelihood`: maximum likelihood of the energy
 *
 * Nijkamp et al., "MCMC should mix: learning energy-based model with neural transport latent space
 * MCMC", arXiv 2006.06897.
 *
 * @throws ValidationError for options out of range, and from `update` outside a phase.
 */
export function neuralTransport<B extends TensorTree, E extends TensorTree, Batch extends TensorTree>(
  given: NeuralTransportOptions<B, E, Batch>,
): NeuralTransportLearner<B, E, Batch> {
  const { flow, optimizers, ...rest } = given;
  const tiltOptions = resolveTilt({ ...rest, backbone: flow, optimizer: optimizers.energy });
  const { energy, observe } = tiltOptions;
  const { init, update, latentChain, dataChain, dispose, ...tilt } = tilting(tiltOptions);
  const flowPart = flowLearner({ flow, optimizer: optimizers.flow, observe });
  const densities = compile((params: TiltedParams<B, E>, x: tf.Tensor) => ({
    flow: flow.logDensity(params.backbone, x),
    tilt: tf.neg(energy.energy(params.energy, x)) as tf.Tensor1D,
  }));
  const scores = compile(
    (params: TiltedParams<B, E>, batch: Batch, key: Key) =>
      tilt.model.dataEnergy!(params)(observe(batch, key)) as tf.Tensor1D,
  );

  const encoded = compile((params: TiltedParams<B, E>, batch: Batch, key: Key) =>
    flow.encode(params.backbone, observe(batch, key)),
  );

  return {
    ...tilt,
    phases,
    latents: { ...tilt.latents, infer: ({ params }, batch, key) => encoded(params, batch, key) },

    async init(key, example) {
      const [flowKey, tiltKey] = random.split(key, 2) as [Key, Key];
      const { params, ...flowState } = await flowPart.init(flowKey, example);
      return { ...init(params, tiltKey), flow: flowState };
    },

    async update(state, batch, context) {
      const { phase } = context;
      if (phase === undefined) {
        fail("the update of neuralTransport is in no phase", phases.join(", "), "give the experiment training.phases");
      }
      if (phase.name !== "flow") return update(state, batch, context);
      const before = { params: state.params.backbone, ...state.flow };
      const { state: after, metrics } = await flowPart.update(before, batch, context);
      const { params: backbone, ...flowState } = after;
      return { state: { ...state, params: { ...state.params, backbone }, flow: flowState }, metrics };
    },

    logDensities: ({ params }, x) => densities(params, x),
    score: ({ params }, batch, key) => scores(params, batch, key),
    chains: (state, batch) => ({ latent: latentChain(state), data: dataChain(state, batch) }),
    describe: () => `energy tilting a flow of ${flow.dimension} dimensions, Hamiltonian Monte Carlo in its noise`,
    async dispose() {
      const programs = [densities, scores, encoded];
      await Promise.all([dispose(), flowPart.dispose!(), ...programs.map((program) => program.dispose())]);
    },
  };
}
