/** Selected and shifted rows of feature matrices. */
import { type DenseMatrix, type NumberArray, type RowProduct, sharedZeros } from "@ergodic/linear-algebra";

/** The rows with these indices, in float64. */
export function takeRows(values: NumberArray, dimensions: number, indices: Int32Array): Float64Array {
  const out = new Float64Array(indices.length * dimensions);
  indices.forEach((index, i) => out.set(values.subarray(index * dimensions, (index + 1) * dimensions), i * dimensions));
  return out;
}

/** All rows in float64, where `product` reads them fast, or without it the threads of the host. */
export function inDoubles(values: NumberArray, dimensions: number, product: RowProduct | undefined): DenseMatrix {
  const doubles = product === undefined ? sharedZeros(values.length) : new Float64Array(values.length);
  doubles.set(values);
  return { rows: values.length / dimensions, columns: dimensions, values: doubles };
}

/** {@link inDoubles}, minus `shift`. */
export function shiftedRows(
  values: NumberArray,
  dimensions: number,
  shift: Float64Array,
  product: RowProduct | undefined,
): DenseMatrix {
  const rows = inDoubles(values, dimensions, product);
  for (let at = 0; at < values.length; at++) rows.values[at]! -= shift[at % dimensions]!;
  return rows;
}
