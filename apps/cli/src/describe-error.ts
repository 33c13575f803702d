/**
 * Formats errors for the command line: one clear message, and the stack only on request.
 *
 * Messages of the operating system and of the JavaScript engine become sentences only here. The
 * module is loaded when there is an error to describe.
 */
import { systemProblem } from "@ergodic/tensor";

/** The text for `error`: its message, plus the stack and the chain of causes if `verbose`. */
export function describeError(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  if (!verbose) return `error: ${withoutErrorPrefix(plainMessage(error))}`;
  const own = error.stack ?? error.message;
  return error.cause === undefined
    ? `error: ${own}`
    : `error: ${own}\ncaused by ${describeError(error.cause, true).replace(/^error: /, "")}`;
}

function plainMessage(error: Error): string {
  const system = systemProblem(error);
  if (system !== undefined) {
    const { path = "a file or stream" } = error as NodeJS.ErrnoException;
    return `can't use ${path}: ${system.problem} (${system.code}). ${system.remedy}`;
  }
  if (error instanceof RangeError) return rangeMessage(error);
  return error.message === "" ? error.name : error.message;
}

/** Replaces the JavaScript engine's messages about too large numbers and endless values. */
function rangeMessage({ message }: RangeError): string {
  if (/^(Invalid (typed )?array length|Array buffer allocation failed|Invalid array buffer length)/.test(message))
    return `a count or size asks for more numbers than this machine can hold (${message}). Ask for fewer, or smaller ones.`;
  if (message.startsWith("Maximum call stack"))
    return "a value contains itself or is nested too deeply. Give plain values that end (--verbose shows where it was used).";
  return message;
}

function withoutErrorPrefix(message: string): string {
  return message.replace(/^(?:[A-Za-z]*Error|error): /, "");
}
