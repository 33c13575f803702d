/** `--engine`, the same on every command that computes. */
import { Option } from "commander";

const engines = [
  "auto",
  "onnx",
  "tensorflow",
  "onnx-cuda",
  "onnx-webgpu",
  "onnx-web",
  "webgpu",
  "webgl",
  "wasm",
  "cpu",
] as const;

export type EngineChoice = (typeof engines)[number];

export function engineOption(fallback = "auto"): Option {
  return new Option("-e, --engine <name>", `engine that computes; see ergodic doctor (default: ${fallback})`).choices(
    engines,
  );
}
