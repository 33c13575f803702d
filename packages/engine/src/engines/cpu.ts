import { backendEngine, startCpuBackend } from "./backend-engine.js";

export const cpu = backendEngine("cpu", "TensorFlow.js in plain JavaScript", startCpuBackend);
