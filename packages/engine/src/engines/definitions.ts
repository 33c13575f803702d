/** Every engine. A new one is a file of its own and an entry here. */
import { cpu } from "./cpu.js";
import { onnx } from "./onnx.js";
import { tensorflow } from "./tensorflow.js";
import { wasm } from "./wasm.js";
import { webgl } from "./webgl.js";
import { webgpu } from "./webgpu.js";

export const definitions = [onnx, tensorflow, webgpu, webgl, wasm, cpu] as const;

export type EngineName = (typeof definitions)[number]["name"];

/** `auto` takes the first of these that loads: the compiled engine is 10 to 100 times faster than the plain one. */
export const automatic: readonly EngineName[] = ["onnx", "cpu"];

/** Engines that run any function TensorFlow.js can run, so that a message can name a way out. */
export const universal: readonly EngineName[] = ["cpu"];
