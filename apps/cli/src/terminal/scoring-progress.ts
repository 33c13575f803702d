/** The progress of scores as stages on the terminal. */
import type { OnProgress } from "@ergodic/evaluation";
import { countdown } from "./countdown.js";

/** Shows what is being done; counts are shown with the time that is left. */
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
