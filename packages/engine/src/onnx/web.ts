/** ONNX Runtime for browsers, on WebAssembly. */
import type { EngineOptions } from "../engines/engine.js";
import { onceInProcess } from "../engines/once-in-process.js";
import type { Executor } from "../executor.js";
import { counted, line, onnxExecutor, proveProvider, quiet } from "./executor.js";
import type { OnnxRuntime } from "./runtime.js";

const checkOptions = onceInProcess("onnx-web");

export async function createWebExecutor(
  runtime: OnnxRuntime,
  { threads, wasmPaths }: EngineOptions,
): Promise<{ executor: Executor; description: string }> {
  checkOptions({ threads, wasmPaths });
  const { wasm } = runtime.env;
  if (threads !== undefined) wasm.numThreads = threads;
  if (wasmPaths !== undefined) wasm.wasmPaths = wasmPaths;
  const session = { ...quiet, executionProviders: ["wasm"] };
  const executor = onnxExecutor(runtime, { session, structured: true, inLine: line() });
  await proveProvider(executor);
  return {
    executor,
    description: `ONNX Runtime ${runtime.env.versions.web ?? ""} (WebAssembly, ${counted(wasm.numThreads ?? 1)})`,
  };
}
