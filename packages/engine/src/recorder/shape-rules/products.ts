/** Products of matrices and of tensors. */
import { assertShapes, broadcastShape } from "./checks.js";
import { dims, input, listed, type ShapeRules } from "./rule.js";

export const products: ShapeRules = {
  BatchMatMul: (inputs, attrs) => {
    const { dtype } = input(inputs, "a");
    const [a, b] = [dims(input(inputs, "a")), dims(input(inputs, "b"))];
    assertShapes(a.length >= 2 && b.length >= 2, "matMul", [a, b], "matrices, of rank 2 or more");
    const [rows, inner] = attrs["transposeA"] ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
    const [same, columns] = attrs["transposeB"] ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
    const transposed = `(transposeA=${Boolean(attrs["transposeA"])}, transposeB=${Boolean(attrs["transposeB"])})`;
    assertShapes(inner === same, "matMul", [a, b], `as many columns on the left as rows on the right ${transposed}`);
    const batch = broadcastShape(a.slice(0, -2), b.slice(0, -2));
    assertShapes(batch !== undefined, "matMul", [a, b], "leading axes that broadcast");
    return { shape: [...batch!, rows, columns], dtype };
  },
  Einsum: (inputs, attrs) => {
    const operands = listed(inputs);
    const [terms, result] = (attrs["equation"] as string).replace(/\s/g, "").split("->") as [string, string];
    const sizes = new Map<string, number>();
    const shapes = operands.map(({ shape }) => shape);
    terms.split(",").forEach((term, i) => {
      const shape = shapes[i] ?? [];
      const expected = `sizes that suit the equation ${terms}->${result}`;
      assertShapes(term.length === shape.length, "einsum", shapes, expected);
      [...term].forEach((index, k) => {
        assertShapes((sizes.get(index) ?? shape[k]) === shape[k], "einsum", shapes, expected);
        sizes.set(index, shape[k]!);
      });
    });
    return { shape: [...result].map((index) => sizes.get(index)!), dtype: operands[0]!.dtype };
  },
};
