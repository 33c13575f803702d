/** How generated code rounds the numbers that a kernel makes. */
import type { DType } from "../graph.js";

/** The rounded value of an expression of this type. */
export type Rounding = (text: string, dtype: DType) => string;

/**
 * Whole numbers and booleans as in the arrays of tensors: whole numbers wrap at 32 bits, and booleans
 * lose fractions. Real numbers stay doubles.
 */
export const asDoubles: Rounding = (text, dtype) =>
  dtype === "float32" ? text : dtype === "int32" ? `(${text} | 0)` : `((${text} | 0) !== 0 ? 1 : 0)`;

/** The numbers that tensors hold: real numbers become those of float32. */
export const asStored: Rounding = (text, dtype) =>
  dtype === "float32" ? `Math.fround(${text})` : asDoubles(text, dtype);
