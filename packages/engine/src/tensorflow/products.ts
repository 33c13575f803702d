/** Products of matrices and of tensors. */
import type { Lowering, LoweringTable } from "./lowering.js";

const matrixProduct: Lowering = ({ builder, name, spec, attrs, output }) => {
  const [a, b, T] = [name("a"), name("b"), output.dtype];
  const [left, right] = [Boolean(attrs["transposeA"]), Boolean(attrs["transposeB"])];
  return spec("a").shape.length === 2 && spec("b").shape.length === 2
    ? builder.op("MatMul", [a, b], { T, transpose_a: left, transpose_b: right })
    : builder.op("BatchMatMulV2", [a, b], { T, adj_x: left, adj_y: right });
};

export const products: LoweringTable = {
  BatchMatMul: matrixProduct,
  Einsum: ({ builder, inputs, attrs, output }) =>
    builder.op("Einsum", inputs, { N: inputs.length, T: output.dtype, equation: attrs["equation"] as string }),
};
