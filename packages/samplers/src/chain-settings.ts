/**
 * Options of kernels, such as step sizes, that may differ between chains and change with the step.
 */
import * as tf from "@tensorflow/tfjs-core";
import { describeValue, fail } from "@ergodic/tensor";

/**
 * A number for all chains; or a float32 tensor, `[]` for all chains or `[chains]` for each its own.
 */
export type ChainValue = number | tf.Tensor;

/**
 * From the number of steps already made, 0 at the first, to a value for all chains, `[]`, or for
 * each its own, `[chains]`.
 */
export type ChainSchedule = (step: tf.Scalar) => tf.Tensor;

/**
 * A value that stays or a schedule. Numbers are checked when the kernel is made, shapes of tensors
 * when it steps.
 */
export type ChainSetting = ChainValue | ChainSchedule;

/** A checked setting: a number, or the tensor of a step, `[]` or `[chains]`. */
export type Setting = number | ((step: tf.Scalar, chains: number) => tf.Tensor);

/**
 * @throws ValidationError for another shape than `[]` and `[chains]`, or another type than float32.
 */
export function assertPerChain(name: string, value: tf.Tensor, chains: number): void {
  if (!(value instanceof tf.Tensor)) fail(`${name} gave ${typeof value}`, "a tensor", "schedules return tensors");
  const { shape, dtype } = value;
  if (shape.length > 1 || (shape.length === 1 && shape[0] !== chains)) {
    fail(
      `${name} has shape [${shape.join(",")}]`,
      `[] or [${chains}]`,
      "give one number for all chains, or one for each",
    );
  }
  if (dtype !== "float32") fail(`${name} is of type ${dtype}`, "float32", 'cast it: tf.cast(value, "float32")');
}

/**
 * Reads an option. Values of tensors are not read, so only numbers are checked for their range.
 *
 * @throws ValidationError for a number that `assertNumber` refuses, or what is no number, tensor or
 *   function.
 */
export function settingOf(
  name: string,
  value: ChainSetting,
  assertNumber: (values: { readonly [name: string]: unknown }) => void,
): Setting {
  if (typeof value === "number") {
    assertNumber({ [name]: value });
    return value;
  }
  if (!(value instanceof tf.Tensor) && typeof value !== "function") {
    fail(
      `${name} is ${describeValue(value)}`,
      "a number, a tensor or a schedule",
      "for numbers per chain pass tf.tensor1d([...])",
    );
  }
  return (step, chains) => {
    const tensor = typeof value === "function" ? value(step) : value;
    assertPerChain(name, tensor, chains);
    // The caller keeps its tensor, even if the value becomes part of a state or report.
    return tf.clone(tensor);
  };
}

/** @throws ValidationError for a schedule, in a kernel that does not count steps. */
export function assertConstant(name: string, value: ChainSetting): asserts value is ChainValue {
  if (typeof value !== "function") return;
  fail(`${name} is a schedule`, "a number or a tensor", "of the Hamiltonian kernels, hmc and mala take schedules");
}

/** The value at a step. */
export const valueAt = (setting: Setting, step: tf.Scalar, chains: number): tf.Tensor =>
  typeof setting === "number" ? tf.scalar(setting) : setting(step, chains);

/** A function of a setting, of numbers in float64. */
export const mapped = (
  setting: Setting,
  ofNumber: (value: number) => number,
  ofTensor: (value: tf.Tensor) => tf.Tensor,
): Setting => (typeof setting === "number" ? ofNumber(setting) : (step, chains) => ofTensor(setting(step, chains)));

/** The product of two settings, of numbers in float64. */
export const product = (a: Setting, b: Setting): Setting =>
  typeof a === "number" && typeof b === "number"
    ? a * b
    : (step, chains) => tf.mul(valueAt(a, step, chains), valueAt(b, step, chains));

/** A value of each chain, in float64. */
export function perChain(value: ChainValue, chains: number): Float64Array {
  if (typeof value === "number") return new Float64Array(chains).fill(value);
  const values = value.dataSync();
  return values.length === 1 ? new Float64Array(chains).fill(values[0]!) : Float64Array.from(values);
}
