export { allMean } from "./cluster/all-mean.js";
export { joinCluster, leaveCluster } from "./cluster/cluster.js";
export { clusterSize, currentCluster, type Cluster } from "./cluster/membership.js";
export { compile, type Compiled, type CompileOptions } from "./compile.js";
export { debug } from "./debug.js";
export { detached } from "./detached.js";
export type { EngineName } from "./engines/definitions.js";
export type { EngineDefinition, EngineOptions, Processor } from "./engines/engine.js";
export {
  currentEngine,
  discoverEngines,
  disposeEngine,
  ensureEngine,
  provideEngines,
  useEngine,
  type EngineInfo,
  type EngineStatus,
  type PassedOver,
} from "./engines/registry.js";
export { EngineError, TraceError, UnsupportedKernelError } from "./errors.js";
export { exportOnnx, exportSavedModel, type ExportOptions } from "./export.js";
export { grad, valueAndGrad } from "./gradient.js";
export { hostProgram, hostProgramText, type HostProgram, type HostProgramParts } from "./host/host-program.js";
export { pause } from "./host/pause.js";
export { printGraph, type Graph, type GraphNode } from "./graph.js";
export { record } from "./recorder/record.js";
export { recordedOnce } from "./recorder/recorded-once.js";
/** Builds of TensorFlow's native library. Loaded when called, under Node only. */
export const nativeTensorFlow = () => import("./tensorflow/native.js");
export { tidy } from "./tidy.js";
export { countMultiplyAdds } from "./work.js";
