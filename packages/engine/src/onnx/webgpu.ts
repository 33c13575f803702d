/** ONNX Runtime on WebGPU, under Node and in browsers. */
import type { EngineParts } from "../engines/engine.js";
import { describeGpu, requireVulkan } from "../engines/gpu.js";
import { line, onnxExecutor, proveProvider, quiet } from "./executor.js";
import type { OnnxRuntime } from "./runtime.js";

/**
 * The runtime for Node does not report which GPU it uses. The package `webgpu` requests a GPU in
 * the same way.
 */
const unidentified = { name: "unidentified GPU", processor: "unidentified gpu" } as const;

export async function createWebgpuExecutor(
  runtime: OnnxRuntime,
): Promise<Pick<EngineParts, "executor" | "description" | "processor">> {
  requireVulkan();
  const { name, processor } = await describeGpu().catch(() => unidentified);
  const session = { ...quiet, executionProviders: ["webgpu"] };
  const executor = onnxExecutor(runtime, { session, inLine: line() });
  await proveProvider(executor);
  const version = runtime.env.versions.node ?? runtime.env.versions.web ?? "";
  return { executor, description: `ONNX Runtime ${version} (WebGPU, ${name})`, processor };
}
