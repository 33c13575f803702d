/** ONNX Runtime for browsers, on WebAssembly. */
import type { Executor } from "../executor.js";
import { line, onnxExecutor, proveProvider, quiet, type OnnxRuntime } from "./executor.js";

export async function createWebExecutor(runtime: OnnxRuntime): Promise<{ executor: Executor; description: string }> {
  const session = { ...quiet, executionProviders: ["wasm"] };
  const executor = onnxExecutor(runtime, { session, structured: true, inLine: line() });
  await proveProvider(executor);
  const threads = runtime.env.wasm.numThreads ?? 1;
  const unit = threads === 1 ? "thread" : "threads";
  return { executor, description: `ONNX Runtime ${runtime.env.versions.web ?? ""} (WebAssembly, ${threads} ${unit})` };
}
