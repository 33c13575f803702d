/**
 * Treats Ctrl-C (SIGINT), SIGTERM and SIGHUP as a request to stop at the next safe point. A second
 * signal stops at once.
 *
 * npm forwards a signal that the terminal has already sent to all processes. In a terminal under
 * npm one key press can therefore arrive twice. There, signals within half a second of the first
 * count as the same signal.
 */
import { runInNewContext } from "node:vm";
import { exitCode, type ExitCode } from "../errors.js";
import { underNpmInTerminal, whenReadersLeave } from "./output.js";

const codes = { SIGINT: exitCode.interrupted, SIGTERM: exitCode.terminated, SIGHUP: exitCode.hungUp } as const;
type Name = keyof typeof codes;
/** Signals that cannot interrupt a loop. */
const uncaught = ["SIGTERM", "SIGHUP"] as const;
const signals = ["SIGINT", ...uncaught] as const;

/** The reason for stopping work. */
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
   * Runs work that may compute for a long time without a pause, in which no listener is called.
   *
   * Ctrl-C stops it with an {@link Interrupted}. The other signals end the process, as without a
   * listener.
   */
  breakable<T>(work: () => T): T;
  /** Returns the signals to Node. */
  dispose(): void;
}

/**
 * Listens until disposed. `onFirst` can tell the user what happens next. A closed output pipe
 * counts as SIGHUP.
 */
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
      // Messages after a signal may have no reader. They must not change the exit code.
      if (!signal.aborted) forgetReaders();
    },
  };
}

/**
 * On a signal, cleans up and ends the process, until the returned function is called.
 *
 * It is meant for work without partial results worth keeping.
 */
export function whenInterrupted(clean: () => Promise<void>): () => void {
  const handle = (name: Name): void => void clean().finally(() => process.exit(codes[name]));
  for (const name of signals) process.once(name, handle);
  return () => {
    for (const name of signals) process.off(name, handle);
  };
}
