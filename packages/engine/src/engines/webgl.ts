import * as tf from "@tensorflow/tfjs-core";
import { backendEngine, importBackend, startBackend, type Device } from "./backend-engine.js";
import { isSoftware } from "./gpu.js";

interface WebGl {
  getExtension(name: "WEBGL_debug_renderer_info"): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
}

async function start(): Promise<Device> {
  await importBackend("webgl");
  await startBackend("webgl");
  const { gl } = (tf.findBackend("webgl") as unknown as { gpgpu: { gl: WebGl } }).gpgpu;
  const extension = gl.getExtension("WEBGL_debug_renderer_info");
  if (extension === null) return { processor: "unidentified gpu" };
  const name = String(gl.getParameter(extension.UNMASKED_RENDERER_WEBGL));
  const processor = isSoftware(name) ? "software gpu" : "gpu";
  return { description: `TensorFlow.js on WebGL, operation by operation (${name})`, processor };
}

export const webgl = backendEngine(
  "webgl",
  "TensorFlow.js on WebGL",
  start,
  "npm install @tensorflow/tfjs-backend-webgl, for a page in a browser",
);
