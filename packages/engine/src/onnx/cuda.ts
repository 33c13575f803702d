/** ONNX Runtime for Node on CUDA. */
import { EngineError } from "../errors.js";
import type { Executor } from "../executor.js";
import { onnxExecutor, proveProvider, quiet } from "./executor.js";
import type { OnnxRuntime } from "./runtime.js";

/**
 * Checks for the library of the provider first, because the runtime prints an error if it is
 * missing.
 */
function requireProvider(): void {
  const { existsSync } = process.getBuiltinModule("node:fs");
  const { dirname, join } = process.getBuiltinModule("node:path");
  const { createRequire } = process.getBuiltinModule("node:module");
  const { platform, arch } = process;
  const name = platform === "win32" ? "onnxruntime_providers_cuda.dll" : "libonnxruntime_providers_cuda.so";
  // The runtime is already loaded, so Node's module cache holds its path:
  // .../onnxruntime-node/dist/index.js.
  const modules = Object.keys(createRequire(process.execPath).cache);
  const start = modules.find((path) => path.endsWith(join("onnxruntime-node", "dist", "index.js")));
  const folder = start && join(dirname(start), "..", "bin", "napi-v6", platform, arch);
  if (folder === undefined || !existsSync(join(folder, name)))
    throw new EngineError(`the CUDA provider (${name}) is not installed.`);
}

export async function createCudaExecutor(runtime: OnnxRuntime): Promise<{ executor: Executor; description: string }> {
  requireProvider();
  const executor = onnxExecutor(runtime, { session: { ...quiet, executionProviders: ["cuda"] } });
  await proveProvider(executor);
  return { executor, description: `ONNX Runtime ${runtime.env.versions.node ?? ""} (CUDA)` };
}
