/** Gradient rules that TensorFlow.js lacks or gets wrong. All are written with operations that can be differentiated again. */
import { registerConvolutionRules } from "./convolutions.js";
import { registerEinsumRule } from "./einsum.js";
import { registerElementwiseRules } from "./elementwise.js";
import { registerImageRules } from "./images.js";
import { registerIndexingRules } from "./indexing.js";
import { registerLayoutRules } from "./layout.js";
import { registerPoolingRules } from "./pooling.js";
import { registerReductionRules } from "./reductions.js";

/** Enters the rules into TensorFlow.js' registry, over its own. */
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
