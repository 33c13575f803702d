import { backendEngine } from "./backend-engine.js";

export const wasm = backendEngine("wasm", "TensorFlow.js on WebAssembly");
