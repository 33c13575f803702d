/** Arrays of weights as a network wants them: by name, of a known shape, in an order of axes. */
import { fail } from "@ergodic/tensor";
import type { StoredTensor } from "./stored-tensor.js";

/** Arrays by name, as weights files hold them. */
export type NamedTensors = ReadonlyMap<string, StoredTensor>;

export interface WantedArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Order of axes of the result; default as stored. */
  readonly axes?: readonly number[];
  /** Whose array it is, for messages. */
  readonly network: string;
}

/**
 * The array's numbers, row-major after its axes were put in the order `axes`.
 *
 * @throws ValidationError naming the array that is missing, has another shape, or holds numbers that are not finite
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
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
  const sizes = axes.map((axis) => shape[axis]!);
  const strides = axes.map((axis) => tensor.strides[axis]!);
  const index = sizes.map(() => 0);
  let from = tensor.offset;
  for (let at = 0; at < out.length; at++) {
    const value = tensor.values[from]!;
    if (!Number.isFinite(value)) fail(`${name} holds ${value}`, "finite numbers", "get the file again");
    out[at] = value;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      from -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
