/** Selected and shifted rows of feature matrices. */
import { type DenseMatrix, type NumberArray, sharedZeros } from "@ergodic/linear-algebra";

/** The rows with these indices, in float64. */
export function takeRows(values: NumberArray, dimensions: number, indices: Int32Array): Float64Array {
  const out = new Float64Array(indices.length * dimensions);
  indices.forEach((index, i) => out.set(values.subarray(index * dimensions, (index + 1) * dimensions), i * dimensions));
  return out;
}

/** All rows minus `shift`, in float64. */
export function shiftedRows(values: NumberArray, dimensions: number, shift: Float64Array): DenseMatrix {
  const out = sharedZeros(values.length);
  for (let at = 0; at < out.length; at++) out[at] = values[at]! - shift[at % dimensions]!;
  return { rows: values.length / dimensions, columns: dimensions, values: out };
}
