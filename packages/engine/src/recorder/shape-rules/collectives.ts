/** Kernels that all workers of a cluster run together. */
import { sameAs, type ShapeRules } from "./rule.js";

export const collectives: ShapeRules = { AllMean: sameAs("x") };
