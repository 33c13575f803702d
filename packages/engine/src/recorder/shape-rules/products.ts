/** Products of matrices and of tensors. */
import { backend_util as backend } from "@tensorflow/tfjs-core";
import { dims, input, listed, type ShapeRules } from "./rule.js";

export const products: ShapeRules = {
  BatchMatMul: (inputs, attrs) => {
    const { dtype } = input(inputs, "a");
    const [a, b] = [dims(input(inputs, "a")), dims(input(inputs, "b"))];
    const rows = attrs["transposeA"] ? a.at(-1)! : a.at(-2)!;
    const columns = attrs["transposeB"] ? b.at(-2)! : b.at(-1)!;
    const batch = backend.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
    return { shape: [...batch, rows, columns], dtype };
  },
  Einsum: (inputs, attrs) => {
    const operands = listed(inputs);
    const [terms, result] = (attrs["equation"] as string).replace(/\s/g, "").split("->") as [string, string];
    const sizes = new Map<string, number>();
    terms.split(",").forEach((term, i) => [...term].forEach((index, k) => sizes.set(index, operands[i]!.shape[k]!)));
    return { shape: [...result].map((index) => sizes.get(index)!), dtype: operands[0]!.dtype };
  },
};
