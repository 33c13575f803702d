/**
 * The GPU of this machine as WebGPU reports it. Browsers provide WebGPU; under Node it is the
 * package `webgpu` (Dawn).
 */
import { EngineError } from "../errors.js";
import type { Processor } from "./engine.js";
import { optional } from "./optional.js";

interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

interface Gpu {
  requestAdapter(options: { powerPreference: "high-performance" }): Promise<{ readonly info: AdapterInfo } | null>;
}

interface Dawn {
  create(flags: string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

type Navigator = { gpu?: Gpu };

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** Whether a device of that name is emulated on the CPU. */
export const isSoftware = (name: string): boolean => SOFTWARE.test(name);

/**
 * Whether this machine could have a GPU. `auto` checks this first, because it loads no driver.
 *
 * Linux lists GPUs as device files. On other systems only loading a driver tells.
 */
export function mayHaveGpu(): boolean {
  if (!isNode() || process.platform !== "linux") return true;
  const { existsSync, readdirSync } = process.getBuiltinModule("node:fs");
  if (["/dev/nvidia0", "/dev/dxg", "/dev/kfd"].some((path) => existsSync(path))) return true;
  return existsSync("/dev/dri") && readdirSync("/dev/dri").some((name) => name.startsWith("renderD"));
}

export const isNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined;

/** Checks for the loader of Vulkan drivers. Without it Dawn prints complaints on the terminal. */
export function requireVulkan(): void {
  if (!isNode() || process.platform !== "linux") return;
  const { existsSync, readFileSync } = process.getBuiltinModule("node:fs");
  const library = "libvulkan.so.1";
  const cache = "/etc/ld.so.cache";
  const folders = (process.env["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== "");
  if (folders.some((folder) => existsSync(`${folder}/${library}`))) return;
  if (existsSync(cache) && readFileSync(cache).includes(library)) return;
  throw new EngineError(
    `${library} is not on this machine; install it with the driver of the GPU (Debian: libvulkan1).`,
  );
}

/** Kept alive, because a device ends with the instance that created it. */
let dawn: Gpu | undefined;

async function gpuOfNode(): Promise<Gpu> {
  if (dawn === undefined) {
    requireVulkan();
    const { create, globals } = await optional<Dawn>("webgpu");
    Object.assign(globalThis, globals);
    dawn = create([]);
  }
  return dawn;
}

/** Runs `job` while `navigator.gpu` exists, as in a browser. */
export async function withNavigatorGpu<T>(job: () => Promise<T>): Promise<T> {
  const scope = globalThis as { navigator?: Navigator };
  if (scope.navigator?.gpu !== undefined || !isNode()) return job();
  const gpu = await gpuOfNode();
  const own = scope.navigator;
  if (own === undefined) Object.defineProperty(scope, "navigator", { value: { gpu }, configurable: true });
  else Object.defineProperty(own, "gpu", { value: gpu, configurable: true });
  try {
    return await job();
  } finally {
    if (own === undefined) delete scope.navigator;
    else delete own.gpu;
  }
}

/** The adapter that the engines use. Rejects if there is none. */
export async function describeGpu(): Promise<{ readonly name: string; readonly processor: Processor }> {
  return withNavigatorGpu(async () => {
    const gpu = (globalThis as { navigator?: Navigator }).navigator?.gpu;
    if (gpu === undefined) throw new EngineError("this browser has no WebGPU.");
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter === null) throw new EngineError("WebGPU finds no GPU on this machine.");
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
    const name = description || [vendor, architecture, device].filter((part) => part !== "").join(" ") || "a GPU";
    const software = isFallbackAdapter === true || isSoftware([name, architecture, device].join(" "));
    return { name, processor: software ? "software gpu" : "gpu" };
  });
}
