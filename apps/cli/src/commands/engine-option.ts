/** `--engine`, the same in every command that computes. */
import type { EngineName } from "@ergodic/engine";
import { Option } from "commander";

export type EngineChoice = "auto" | EngineName;

/** The type ensures that the list is complete, so help loads no engine. */
const engines: Readonly<Record<EngineChoice, true>> = {
  auto: true,
  onnx: true,
  tensorflow: true,
  "onnx-cuda": true,
  "onnx-webgpu": true,
  "onnx-web": true,
  webgpu: true,
  webgl: true,
  wasm: true,
  cpu: true,
};

export function engineOption(fallback = "auto"): Option {
  return new Option("-e, --engine <name>", `engine that computes; see ergodic doctor (default: ${fallback})`).choices(
    Object.keys(engines),
  );
}
