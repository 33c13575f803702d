/** Progress of a count, with the remaining time at the current pace. */
import { duration } from "./format.js";

/**
 * `  ETA 3:20` for work that began at `began`, in milliseconds of `performance.now`. Empty before
 * the first unit is done.
 */
export const timeLeft = (began: number, done: number, of: number): string =>
  done === 0 ? "" : `  ETA ${duration(((of - done) * (performance.now() - began)) / (1000 * done))}`;

/** Milliseconds between two updates. */
const pause = 100;

/** Reports a growing count to `stage`, a few times per second. */
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
