/** Pauses of code that computes on the host without waiting for anything. */

/** Milliseconds after which other work of the process has its turn. */
const LONGEST = 50;

let last = 0;

/** `setTimeout` takes a millisecond, so Node's `setImmediate` is used where it exists. */
const later: (turn: () => void) => void = globalThis.setImmediate ?? ((turn) => setTimeout(turn, 0));

export const isPauseDue = (): boolean => performance.now() - last >= LONGEST;

/** Lets timers, signals and pages have their turn, if the last pause was more than 50 ms ago. */
export async function pause(): Promise<void> {
  if (!isPauseDue()) return;
  await new Promise<void>(later);
  last = performance.now();
}
