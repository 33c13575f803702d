/** Step sizes and temperatures of Hamiltonian kernels: held in the state, or given by schedules. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, type TensorTree } from "@ergodic/tensor";
import {
  assertPerChain,
  settingOf,
  valueAt,
  type ChainSetting,
  type ChainValue,
  type Setting,
} from "./chain-settings.js";
import { chainCount } from "./chains.js";
import type { Cached, HamiltonianOptions, HamiltonianState, Motion, ScheduledState } from "./hamiltonian.js";
import type { Mass } from "./mass.js";

/** How a kernel's state `S` holds step size and temperature. */
export interface Pace<X extends TensorTree, S extends Cached<X>> {
  start(at: Cached<X>): S;
  motionAt(state: S, chains: number): Motion;
  /** The state after a step that ended `at` this position. */
  next(state: S, at: Cached<X>): S;
}

type Settings<V extends ChainSetting> = Pick<HamiltonianOptions<TensorTree, V>, "stepSize" | "temperature">;

function settingsOf({ stepSize = 0.1, temperature = 1 }: Settings<ChainSetting>) {
  return {
    stepSize: settingOf("stepSize", stepSize, assertPositive),
    temperature: settingOf("temperature", temperature, assertPositive),
  };
}

const temperatureAt = (temperature: Setting, step: tf.Scalar, chains: number): tf.Tensor | undefined =>
  temperature === 1 ? undefined : valueAt(temperature, step, chains);

/**
 * The state holds the step size.
 *
 * @throws ValidationError for numbers that are not positive, or what is neither a number nor a
 *   tensor.
 */
export function steadyPace<X extends TensorTree>(
  options: Settings<ChainValue>,
  mass: Mass,
): Pace<X, HamiltonianState<X>> {
  const { stepSize, temperature } = settingsOf(options);
  const noStep = (): tf.Scalar => tf.scalar(0);
  return {
    start: (at) => ({
      ...at,
      stepSize: valueAt(stepSize, noStep(), chainCount(at.position)),
      inverseMass: mass.init(at.position),
    }),
    motionAt({ stepSize: current, inverseMass }, chains) {
      assertPerChain("stepSize in the state", current, chains);
      return { stepSize: current, inverseMass, temperature: temperatureAt(temperature, noStep(), chains) };
    },
    next: (state, at) => ({ ...state, ...at }),
  };
}

/**
 * The state counts the steps; schedules give step size and temperature.
 *
 * @throws ValidationError for numbers that are not positive, or what is no number, tensor or
 *   function.
 */
export function scheduledPace<X extends TensorTree>(
  options: Settings<ChainSetting>,
  mass: Mass,
): Pace<X, ScheduledState<X>> {
  const { stepSize, temperature } = settingsOf(options);
  return {
    start: (at) => ({ ...at, step: tf.scalar(0), inverseMass: mass.init(at.position) }),
    motionAt: ({ step, inverseMass }, chains) => ({
      stepSize: valueAt(stepSize, step, chains),
      inverseMass,
      temperature: temperatureAt(temperature, step, chains),
    }),
    next: (state, at) => ({ ...state, ...at, step: tf.add(state.step, 1) }),
  };
}

/** Whether no option is a schedule. */
export const isSteady = <O extends Settings<ChainSetting>>(options: O): options is O & Settings<ChainValue> =>
  typeof options.stepSize !== "function" && typeof options.temperature !== "function";
