/** Errors of the engine. Each message says what happened, why, and how to mend it. */

import { describeOrigin, sourceLine } from "./debug.js";

/**
 * A request that the engine cannot serve: an engine that is not installed, an output that is not a
 * tensor, a disposed program.
 */
export class EngineError extends Error {
  override readonly name: string = "EngineError";
}

/**
 * The traced function did something that a program cannot repeat, such as reading a tensor's value.
 */
export class TraceError extends EngineError {
  override readonly name = "TraceError";
}

/** A TraceError that names the user's line in debug mode. */
export const traceError = (message: string): TraceError => new TraceError(message + describeOrigin(sourceLine()));

/** A kernel that the chosen engine has no lowering for. */
export class UnsupportedKernelError extends EngineError {
  override readonly name = "UnsupportedKernelError";

  constructor(kernel: string, engine: string, others: readonly string[], origin?: string) {
    super(
      `the kernel "${kernel}" cannot be compiled for the engine "${engine}"; engines that run it: ${others.join(", ")}. ` +
        `Choose one with useEngine("${others[0] ?? "cpu"}"), or write the function with other operations.${describeOrigin(origin)}`,
    );
  }
}
