/** Sums of products of tensors, named by their indices. */
import type { LoweringTable } from "./lowering.js";

export const einsum: LoweringTable = {
  Einsum: ({ builder, inputs, attrs }) => builder.op("Einsum", inputs, { equation: attrs["equation"] as string }),
};
