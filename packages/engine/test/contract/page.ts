/**
 * The page of the browser test. It provides engines to the core, as any bundled page does, and runs
 * the laws.
 */
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as runtimeOnGpu from "onnxruntime-web/webgpu";
import { cpu } from "../../src/entries/cpu.js";
import { onnxWeb } from "../../src/entries/onnx-web.js";
import { onnxWebgpu } from "../../src/entries/onnx-webgpu.browser.js";
import { wasm } from "../../src/entries/wasm.js";
import { webgl } from "../../src/entries/webgl.js";
import { webgpu } from "../../src/entries/webgpu.js";
import { discoverEngines, provideEngines, useEngine } from "../../src/index.js";
import { runLaws } from "./laws.js";

provideEngines(onnxWeb, onnxWebgpu, webgpu, webgl, wasm, cpu);
setWasmPaths("/tfjs/");
runtimeOnGpu.env.wasm.wasmPaths = "/ort/";
await useEngine("onnx-web", { wasmPaths: { wasm: "/ort/ort-wasm-simd-threaded.wasm" } });

Object.assign(globalThis, {
  contract: { runLaws, discoverEngines, auto: async () => (await useEngine("auto")).name },
});
