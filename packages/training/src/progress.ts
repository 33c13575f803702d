/** Training speed and remaining time, from the times of the last iterations. */

/** Reported after every iteration. */
export interface Progress {
  /** Completed iterations, over all invocations of `train`. */
  readonly iteration: number;
  readonly iterations: number;
  /** Name of the phase of the last iteration; undefined without phases. */
  readonly phase: string | undefined;
  readonly iterationsPerSecond: number;
  readonly secondsLeft: number;
  readonly metrics: Readonly<Record<string, number>>;
}

const windowLength = 50;

/**
 * Rate over the last 50 iterations. The first one, which compiles, is excluded once there is
 * another.
 */
export function rateMeter(now: () => number = () => performance.now()): { tick(): number } {
  const started = now();
  let times: number[] = [];
  return {
    tick() {
      times = [...times, now()].slice(-windowLength);
      const last = times.at(-1) ?? started;
      const [from, steps] = times.length > 1 ? [times[0] ?? started, times.length - 1] : [started, 1];
      return (steps * 1000) / Math.max(last - from, 1e-6);
    },
  };
}
