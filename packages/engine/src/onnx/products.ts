/** Matrix products. */
import { swapLastTwo, type Lowering, type LoweringTable } from "./lowering.js";

const matrixProduct: Lowering = ({ builder, name, spec, attrs, inputs }) => {
  // Gemm reads a transposed first factor, such as the inputs of a layer in the gradient of its
  // weight, without a copy, and a transposed second one in less time than a copy takes. Other
  // transposed factors are weights, transposed once for all steps.
  const flat = [spec("a"), spec("b")].every(({ shape }) => shape.length === 2);
  const summand = inputs.length > 2 ? [name("sum")] : [];
  if (flat && attrs["transposeA"] && !attrs["transposeB"])
    return builder.op("Gemm", [name("a"), name("b"), ...summand], { transA: 1 });
  if (flat && attrs["transposesOnce"] && !attrs["transposeA"])
    return builder.op("Gemm", [name("a"), name("b"), ...summand], { transB: 1 });
  const operand = (input: string, transposed: unknown): string =>
    transposed ? builder.transpose(name(input), swapLastTwo(spec(input).shape.length)) : name(input);
  const operands = [operand("a", attrs["transposeA"]), operand("b", attrs["transposeB"])];
  return builder.op(summand.length === 0 ? "MatMul" : "Gemm", [...operands, ...summand]);
};

/** α A B + β C of matrices, each transposed or not. */
export const scaledProduct: Lowering = ({ builder, inputs, attrs }) =>
  builder.op("Gemm", inputs, {
    transA: attrs["transposeA"] ? 1 : 0,
    transB: attrs["transposeB"] ? 1 : 0,
    alpha: { float: attrs["alpha"] as number },
    beta: { float: attrs["beta"] as number },
  });

export const products: LoweringTable = { BatchMatMul: matrixProduct };
