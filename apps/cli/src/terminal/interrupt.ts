/**
 * Ctrl-C (SIGINT), SIGTERM and SIGHUP as a request to stop at the next good moment; a second one stops at once.
 *
 * npm passes on the signal that the terminal has already sent to everyone, so in a terminal under npm the same key press can arrive
 * twice: there, what comes within half a second of the first counts as the same.
 */
import { runInNewContext } from "node:vm";
import { exitCode, type ExitCode } from "../errors.js";
import { underNpmInTerminal, whenReadersLeave } from "./output.js";

const codes = { SIGINT: exitCode.interrupted, SIGTERM: exitCode.terminated, SIGHUP: exitCode.hungUp } as const;
type Name = keyof typeof codes;
/** Those that can't break off a loop. */
const uncaught = ["SIGTERM", "SIGHUP"] as const;
const signals = ["SIGINT", ...uncaught] as const;

/** Why a piece of work was stopped. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor(readonly code: ExitCode) {
    super("interrupted");
  }
}

export interface Interruption {
  /** Aborts at the first signal, with an {@link Interrupted} as its reason. */
  readonly signal: AbortSignal;
  /**
   * Runs work that may compute for long without a pause, in which no listener is called. Ctrl-C stops it with an {@link Interrupted}; the other
   * signals end the process, as if nobody listened.
   */
  breakable<T>(work: () => T): T;
  /** Gives the signals back to Node. */
  dispose(): void;
}

/** Listens until disposed; `onFirst` can tell the user what happens next. Readers of the output who leave count as SIGHUP. */
export function listenForInterrupt(onFirst: () => void): Interruption {
  const controller = new AbortController();
  const { signal } = controller;
  const samePress = underNpmInTerminal() ? 500 : 0;
  let first: number | undefined;
  const stop = (name: Name): void => {
    if (signal.aborted) return;
    controller.abort(new Interrupted(codes[name]));
    onFirst();
  };
  const handle = (name: Name): void => {
    const now = performance.now();
    if (first !== undefined && now - first >= samePress) process.exit(codes[name]);
    first ??= now;
    stop(name);
  };
  const listen = (names: readonly Name[]): void => names.forEach((name) => process.on(name, handle));
  const ignore = (names: readonly Name[]): void => names.forEach((name) => process.off(name, handle));
  const forgetReaders = whenReadersLeave(() => stop("SIGHUP"));
  listen(signals);
  return {
    signal,
    breakable<T>(work: () => T): T {
      ignore(uncaught);
      try {
        return runInNewContext("work()", { work }, { breakOnSigint: true }) as T;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw error;
        handle("SIGINT");
        throw signal.reason;
      } finally {
        listen(uncaught);
      }
    },
    dispose() {
      ignore(signals);
      // What is said after a signal may find no reader, and must not change the exit code.
      if (!signal.aborted) forgetReaders();
    },
  };
}

/** On a signal cleans up and ends the process, until the function it returns is called. For work of which no part is worth keeping. */
export function whenInterrupted(clean: () => Promise<void>): () => void {
  const handle = (name: Name): void => void clean().finally(() => process.exit(codes[name]));
  for (const name of signals) process.once(name, handle);
  return () => {
    for (const name of signals) process.off(name, handle);
  };
}
