/**
 * Shapes and types of the outputs of each TensorFlow.js kernel, from those of its inputs and its
 * attributes.
 *
 * The recorder needs only this table to run a function, gradients included, without computing
 * anything.
 */
import { collectives } from "./shape-rules/collectives.js";
import { arithmetic, functions } from "./shape-rules/elementwise.js";
import { indexing } from "./shape-rules/indexing.js";
import { layout } from "./shape-rules/layout.js";
import { products } from "./shape-rules/products.js";
import { reductions } from "./shape-rules/reductions.js";
import type { ShapeRules } from "./shape-rules/rule.js";
import { windows } from "./shape-rules/windows.js";

export { convolutionOf } from "./geometry.js";
export type { KernelAttrs, KernelInputs, ShapeRule } from "./shape-rules/rule.js";

/** The rules by family. */
export const families: Readonly<Record<string, ShapeRules>> = {
  arithmetic,
  functions,
  reductions,
  products,
  "windows and images": windows,
  layout,
  indexing,
  collectives,
};

export const shapeRules: ShapeRules = Object.assign({}, ...Object.values(families)) as ShapeRules;
