import { backendEngine, importBackend, startBackend } from "./backend-engine.js";
import { refuseUnevenWindows } from "./even-windows.js";
import { correctWasmKernels } from "./wasm-corrections.js";

export const wasm = backendEngine(
  "wasm",
  "TensorFlow.js on WebAssembly",
  async () => {
    await importBackend("wasm");
    await startBackend("wasm");
  },
  undefined,
  () => {
    correctWasmKernels();
    refuseUnevenWindows("wasm");
  },
);
