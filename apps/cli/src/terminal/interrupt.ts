/**
 * Ctrl-C (SIGINT) and SIGTERM as a request to stop at the next good moment; a second one stops at once.
 *
 * `npm start` passes on the signal that the terminal has already sent, so the same key press can arrive twice: what comes
 * within half a second of the first counts as the same.
 */
import { exitCode } from "../errors.js";

export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives the signals back to Node. */
  dispose(): void;
}

const samePress = 500;

/** Listens until disposed; `onFirst` can tell the user what happens next. */
export function listenForInterrupt(onFirst: () => void): Interruption {
  const controller = new AbortController();
  let first = 0;
  const handle = () => {
    const now = performance.now();
    if (controller.signal.aborted) {
      if (now - first > samePress) process.exit(exitCode.interrupted);
      return;
    }
    first = now;
    controller.abort();
    onFirst();
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
  return {
    signal: controller.signal,
    dispose() {
      process.off("SIGINT", handle);
      process.off("SIGTERM", handle);
    },
  };
}

/** On Ctrl-C or SIGTERM cleans up and ends the process, until the function it returns is called. For work of which no part is worth keeping. */
export function whenInterrupted(clean: () => Promise<void>): () => void {
  const handle = (): void => void clean().finally(() => process.exit(exitCode.interrupted));
  process.once("SIGINT", handle);
  process.once("SIGTERM", handle);
  return () => {
    process.off("SIGINT", handle);
    process.off("SIGTERM", handle);
  };
}
