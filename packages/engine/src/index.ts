export { compile, type Compiled } from "./compile.js";
export {
  currentEngine,
  discoverEngines,
  ensureEngine,
  useEngine,
  type EngineInfo,
  type EngineName,
  type EngineStatus,
} from "./engines.js";
export { EngineError, TraceError, UnsupportedKernelError } from "./errors.js";
export { grad, valueAndGrad } from "./gradient.js";
export { printGraph, type Graph, type GraphNode } from "./graph.js";
export { record } from "./recorder/record.js";
export { tidy } from "./tidy.js";
