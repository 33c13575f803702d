/** Arrays of weights by name, of a known shape, with axes in the order of a network. */
import { copyStrided } from "@ergodic/formats";
import { fail } from "@ergodic/tensor";
import type { StoredTensor } from "./stored-tensor.js";

/** Arrays of a weights file by name. */
export type NamedTensors = ReadonlyMap<string, StoredTensor>;

export interface WantedArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Order of axes of the result; default the stored order. */
  readonly axes?: readonly number[];
  /** The network of the array, for messages. */
  readonly network: string;
}

/**
 * The array's numbers, row-major with its axes in the order `axes`.
 *
 * @throws ValidationError naming the array that is missing, has another shape, or holds numbers
 *   that are not finite
 */
export function arranged(
  tensors: NamedTensors,
  { name, shape, axes = shape.map((_, axis) => axis), network }: WantedArray,
): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined) fail(`the weights have no ${name}`, `the arrays of ${network}`, "use its own file");
  if (tensor.shape.join() !== shape.join())
    fail(
      `${name} has shape [${tensor.shape.join(",")}]`,
      `[${shape.join(",")}]`,
      `these are weights of another network than ${network}; use its own file`,
    );
  const layout = {
    shape: axes.map((axis) => shape[axis]!),
    strides: axes.map((axis) => tensor.strides[axis]!),
    offset: tensor.offset ?? 0,
  };
  const out = copyStrided(tensor.values, layout, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const broken = out.find((value) => !Number.isFinite(value));
  if (broken !== undefined) fail(`${name} holds ${broken}`, "finite numbers", "get the file again");
  return out;
}
