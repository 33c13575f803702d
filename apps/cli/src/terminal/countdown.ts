/** Counting towards a number, with the time that is left at the pace so far. */
import { duration } from "./format.js";

/** Milliseconds between two lines. */
const pause = 100;

/** Tells `stage` of a count as it grows, a few times a second. */
export function countdown(stage: (text: string) => void, what: string): (done: number, of: number) => void {
  const began = performance.now();
  let told = -Infinity;
  return (done, of) => {
    const now = performance.now();
    if (now - told < pause) return;
    told = now;
    const left = done === 0 ? "" : `  ETA ${duration(((of - done) * (now - began)) / (1000 * done))}`;
    stage(`${what} ${done}/${of}${left}`);
  };
}
