/** `--engine` and `--threads`, the same in every command that computes. */
import type { EngineName } from "@ergodic/engine";
import { Option } from "commander";
import { count } from "./arguments.js";

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

export function threadsOption(): Option {
  return new Option(
    "--threads <number>",
    "threads of the engine on the CPU (default: ERGODIC_THREADS, otherwise one per core)",
  ).argParser(count);
}

/** Every engine that is loaded later reads the number there, also in other processes. */
export function applyThreads({ threads }: { readonly threads?: number }): void {
  if (threads !== undefined) process.env["ERGODIC_THREADS"] = String(threads);
}
