/** `@ergodic/samplers/posterior`: posteriors over parameters with names and limits. */
export { posterior } from "../posterior/posterior.js";
export type { FreeNumbers, NamedNumber, Posterior, PosteriorOptions } from "../posterior/posterior.js";
export { above, below, correlation, interval, ordered, positive, real, simplex } from "../posterior/parameter.js";
export type { Constrained, Limit, Parameter, Values } from "../posterior/parameter.js";
