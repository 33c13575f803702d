/**
 * What each TensorFlow.js kernel returns: shapes and types of its outputs from those of its inputs and its attributes.
 *
 * This table is all the recorder needs to run a function, gradients included, without computing anything.
 */
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
};

export const shapeRules: ShapeRules = Object.assign({}, ...Object.values(families)) as ShapeRules;
