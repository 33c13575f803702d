/** Counting towards a number, with the time that is left at the pace so far. */
import { duration } from "./format.js";

/** `  ETA 3:20`, of work that began at `began`, in milliseconds as `performance.now` has them; nothing before any is done. */
export const timeLeft = (began: number, done: number, of: number): string =>
  done === 0 ? "" : `  ETA ${duration(((of - done) * (performance.now() - began)) / (1000 * done))}`;

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
    stage(`${what} ${done}/${of}${timeLeft(began, done, of)}`);
  };
}
