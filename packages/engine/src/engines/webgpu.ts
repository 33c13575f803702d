import { backendEngine } from "./backend-engine.js";

export const webgpu = backendEngine("webgpu", "TensorFlow.js on WebGPU");
