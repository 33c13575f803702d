/** `--engine`, the same on every command that computes. */
import { Option } from "commander";

const engines = ["auto", "onnx", "tensorflow", "cpu", "wasm", "webgl", "webgpu"] as const;

export type EngineChoice = (typeof engines)[number];

export function engineOption(fallback = "auto"): Option {
  return new Option("-e, --engine <name>", `engine that computes; see ergodic doctor (default: ${fallback})`).choices(
    engines,
  );
}
