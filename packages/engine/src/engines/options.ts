/** The options of an engine: given, from the environment, or of its last load. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import type { EngineOptions } from "./engine.js";

const VARIABLE = "ERGODIC_THREADS";

/** @throws ValidationError when the environment asks for a number of threads that is none. */
function fromEnvironment(): EngineOptions {
  const text = globalThis.process?.env?.[VARIABLE];
  if (text === undefined || text === "") return {};
  if (!/^[1-9]\d*$/.test(text)) {
    fail(`the environment variable ${VARIABLE} is "${text}"`, "an integer >= 1", "set it to a number of threads");
  }
  return { threads: Number(text) };
}

/**
 * The options of the next load: given ones, otherwise those of the last load, otherwise those of
 * the environment.
 */
export function optionsOf(given: EngineOptions, last: EngineOptions = fromEnvironment()): EngineOptions {
  const { threads = last.threads, wasmPaths = last.wasmPaths } = given;
  if (threads !== undefined) assertPositiveInteger({ threads });
  return { ...(threads !== undefined && { threads }), ...(wasmPaths !== undefined && { wasmPaths }) };
}
