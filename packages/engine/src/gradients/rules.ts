/**
 * Gradient rules that TensorFlow.js lacks or gets wrong. All use operations that can be
 * differentiated again.
 */
import { registerConvolutionRules } from "./convolutions.js";
import { registerEinsumRule } from "./einsum.js";
import { registerElementwiseRules } from "./elementwise.js";
import { registerImageRules } from "./images.js";
import { registerIndexingRules } from "./indexing.js";
import { registerLayoutRules } from "./layout.js";
import { registerPoolingRules } from "./pooling.js";
import { registerReductionRules } from "./reductions.js";

/** Registers the rules with TensorFlow.js, replacing its own. */
export function registerRules(): void {
  registerElementwiseRules();
  registerLayoutRules();
  registerConvolutionRules();
  registerEinsumRule();
  registerPoolingRules();
  registerImageRules();
  registerIndexingRules();
  registerReductionRules();
}
