/** Matrix products. */
import { swapLastTwo, type Lowering, type LoweringTable } from "./lowering.js";

const matrixProduct: Lowering = ({ builder, name, spec, attrs }) => {
  const operand = (input: string, transposed: unknown): string =>
    transposed ? builder.transpose(name(input), swapLastTwo(spec(input).shape.length)) : name(input);
  return builder.op("MatMul", [operand("a", attrs["transposeA"]), operand("b", attrs["transposeB"])]);
};

export const products: LoweringTable = { BatchMatMul: matrixProduct };
