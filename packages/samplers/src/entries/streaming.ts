/** `@ergodic/samplers/streaming`: summaries of draws that are not kept. */
export { summarizeWhileSampling } from "../streaming/summarize-while-sampling.js";
export type { StreamedRow, StreamedSummary } from "../streaming/summarize-while-sampling.js";
export type { DivergentDraw } from "../streaming/reports.js";
