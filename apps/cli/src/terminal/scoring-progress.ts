/** Shows the progress of scores as stages on the terminal. */
import type { OnProgress } from "@ergodic/evaluation";
import { countdown } from "./countdown.js";

/** Shows the current stage. Counts are shown with the remaining time. */
export function showProgress(stage: (text: string) => void): OnProgress {
  const counts = new Map<string, ReturnType<typeof countdown>>();
  return ({ what, done, of }) => {
    if (done === undefined) return stage(what);
    if (of === undefined) return stage(`${what} ${done}/?`);
    const count = counts.get(what) ?? countdown(stage, what);
    counts.set(what, count);
    count(done, of);
  };
}
