/**
 * Neural transport of a given density: fits a flow to it and runs chains in the flow's noise.
 *
 * In noise the density is nearly Gaussian.
 * Hoffman et al., "NeuTra-lizing bad geometry in Hamiltonian Monte Carlo using neural transport",
 * arXiv 1903.03704.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { standardLogDensity, type Flow } from "@ergodic/flows";
import { skipUnsound, trainedGradient, type Optimizer } from "@ergodic/nn";
import type { Energy } from "@ergodic/samplers";
import { assertPositiveInteger, fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";

/**
 * U(z) = E(g(z)) - log|det ∂g/∂z|, `[chains]`: the energy of noise whose decoded examples g(z) have
 * energy E.
 *
 * Sample it with any kernel and decode the positions. No weights are needed, for any quality of the
 * flow.
 */
export const transportedEnergy =
  <P extends TensorTree>(flow: Pick<Flow<P>, "inverse">, params: P, energy: Energy): Energy =>
  (z) => {
    const { value, logDet } = flow.inverse(params, z);
    return tf.sub(energy(value), logDet) as tf.Tensor1D;
  };

export interface TransportOptions<P extends TensorTree> {
  readonly flow: Flow<P>;
  /** E of examples `[n, ...flow.shape]`: -log of a density, not necessarily normalised. */
  readonly energy: Energy;
  readonly optimizer: Optimizer;
  readonly iterations: number;
  /** Flow draws per iteration. Default 256. */
  readonly draws?: number;
  readonly key: Key;
  /** Called after every iteration. */
  readonly onProgress?: (progress: TransportProgress) => void;
}

export interface TransportProgress {
  readonly iteration: number;
  readonly of: number;
  /**
   * E_q[-E - log q] over the draws of this iteration. Its mean is at most log Z, with equality if
   * the flow is the density.
   */
  readonly evidenceBound: number;
}

export interface Transport<P extends TensorTree> {
  /** Parameters of the flow, owned by the caller. */
  readonly params: P;
  /** Number of skipped updates: the energy of a draw, or its gradient, was not finite. */
  readonly skipped: number;
}

/**
 * Fits a flow to exp(-E)/Z by minimising KL(q ‖ p) = log Z - E_q[-E - log q] over draws x = g(z), z
 * ~ N(0, I).
 *
 * The divergence ignores modes that no draw reaches. Start the flow where the density is, and check
 * with chains that they agree. arXiv 1903.03704, section 3.
 *
 * @throws ValidationError for counts or norms that are not positive, and when every update was
 * skipped.
 */
export async function fitTransport<P extends TensorTree>({
  flow,
  energy,
  optimizer: given,
  iterations,
  draws = 256,
  key,
  onProgress,
}: TransportOptions<P>): Promise<Transport<P>> {
  assertPositiveInteger({ iterations, draws });
  const optimizer = skipUnsound(given);
  type State = ReturnType<typeof optimizer.init>;
  const step = compile((params: P, state: State, at: Key) => {
    const z = random.normal(at, [draws, flow.dimension]);
    const entropy = tf.neg(tf.mean(standardLogDensity(z)));
    const loss = (p: P): tf.Scalar => tf.mean(transportedEnergy(flow, p, energy)(z));
    const { value, grad } = trainedGradient(loss)(params);
    // If the energy of a draw is infinite, the gradient may be finite but is not that of the loss.
    const sound = tree.map((g) => tf.add(g, tf.mul(0, value)), grad as TensorTree) as typeof grad;
    return { ...optimizer.update(params, sound, state), evidenceBound: tf.sub(entropy, value) };
  });
  const [initKey, drawKey] = random.split(key, 2) as [Key, Key];
  let params = flow.init(initKey);
  let state = optimizer.init(params);
  try {
    for (let iteration = 1; iteration <= iterations; iteration += 1) {
      const next = await step(params, state, random.fold(drawKey, iteration));
      tree.dispose([params, state]);
      ({ params, state } = next);
      const [evidenceBound] = await next.evidenceBound.data();
      next.evidenceBound.dispose();
      onProgress?.({ iteration, of: iterations, evidenceBound: evidenceBound! });
    }
    const skipped = (await state.skipped.data())[0]!;
    if (skipped === iterations) {
      fail(
        "the energy of draws of the flow, or its gradient, was never finite",
        "an energy that is finite near N(0, I)",
        "shift and scale the density's argument so that its mass is there",
      );
    }
    return { params, skipped };
  } catch (error) {
    tree.dispose(params);
    throw error;
  } finally {
    tree.dispose(state);
    await step.dispose();
  }
}
