/**
 * Measurements on trained models for the slow tests of neural transport, in the plane and on
 * digits.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { NeuralTransportLearner, NeuralTransportState } from "@ergodic/neural-transport";
import { cycle, hmc, identityMass, independence, sample, warmUp, type Energy, type Kernel } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";

type Params = readonly TensorTree[];
export type TiltedFlow<Batch> = NeuralTransportLearner<Params, Params, Batch>;
export type TiltedFlowState = NeuralTransportState<Params, Params>;

export const meanOf = (x: tf.Tensor): number => tf.mean(x).dataSync()[0]!;

/** Mean log q and mean -E of examples, in nats. */
export async function meanDensities<Batch>(
  learner: Pick<TiltedFlow<Batch>, "logDensities">,
  state: TiltedFlowState,
  x: tf.Tensor,
): Promise<{ readonly flow: number; readonly tilt: number }> {
  const densities = await learner.logDensities(state, x);
  const means = { flow: meanOf(densities.flow), tilt: meanOf(densities.tilt) };
  tree.dispose(densities);
  return means;
}

export interface Walk {
  /** `[chains, draws, dimension]`, owned by the caller. */
  readonly positions: tf.Tensor;
  readonly stepSize: number;
  readonly acceptance: number;
  /** Mean acceptance probability of the jumps, if there are any. */
  readonly jumpAcceptance?: number;
}

export interface WalkOptions {
  readonly start: tf.Tensor;
  readonly leapfrogSteps: number;
  /** A step size, or the target acceptance to which it adapts during warm-up. */
  readonly stepSize: number | { readonly targetAcceptance: number };
  /** Number of steps that are not recorded. */
  readonly warmUpSteps: number;
  readonly draws: number;
  readonly key: Key;
  /** Whether every step ends with a proposal of fresh noise. */
  readonly jumps?: boolean;
}

/** Chains of an energy by Hamiltonian Monte Carlo with unit mass. */
export async function walk(energy: Energy, options: WalkOptions): Promise<Walk> {
  const { start, leapfrogSteps, warmUpSteps, draws, jumps } = options;
  const [warmKey, drawKey] = random.split(options.key, 2) as [Key, Key];
  const settings = { energy, steps: leapfrogSteps, mass: identityMass() };
  const jump = independence({
    energy,
    proposal: {
      sample: (at, n) => random.normal(at, [n, start.shape[1]!]),
      energy: (z) => tf.mul(0.5, tf.sum(tf.square(z), 1)) as tf.Tensor1D,
    },
  });
  const kernelOf = (stepSize: number): Kernel => {
    const local = hmc({ ...settings, stepSize });
    return jumps ? cycle([local, jump]) : local;
  };

  let [stepSize, initial] = [options.stepSize, start];
  if (typeof stepSize === "number") {
    const warm = await sample(kernelOf(stepSize), { initial, draws: warmUpSteps, key: warmKey });
    initial = warm.state.position;
    tree.dispose([warm.positions, warm.info]);
  } else {
    const warm = await warmUp(hmc(settings), initial, { steps: warmUpSteps, key: warmKey, ...stepSize });
    [stepSize, initial] = [warm.stepSize.dataSync()[0]!, warm.position];
  }
  const { positions, info, state } = await sample(kernelOf(stepSize), { initial, draws, key: drawKey });
  const parts = (info["parts"] ?? [info]) as readonly { readonly acceptProb: tf.Tensor }[];
  const [acceptance, jumpAcceptance] = parts.map(({ acceptProb }) => meanOf(acceptProb));
  tree.dispose([info, state] as TensorTree);
  return { positions, stepSize, acceptance: acceptance!, ...(jumpAcceptance !== undefined && { jumpAcceptance }) };
}

/** The median, without averaging of the middle two: the upper one is taken. */
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
