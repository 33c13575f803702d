/**
 * Waiting for moments in which no other program computes.
 *
 * Load does not slow all peers alike. Thread pools that synchronise at every operation lose far
 * more time than others, so even ratios are wrong under load. With a gate a sample counts only when
 * the machine was idle just before and just after it.
 */
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

export interface Gate {
  /** Runs `take()` in a quiet moment, or immediately once the patience is used up. */
  <T>(take: () => Promise<T>): Promise<{ readonly value: T; readonly quiet: boolean }>;
}

const WINDOW_MS = 150;

/** Busy share of all processors below which the machine counts as idle. */
const IDLE_BELOW = 0.12;

const processorTimes = (): { busy: number; all: number } => {
  const times = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({ busy: user + nice + sys + irq, idle }));
  const busy = times.reduce((sum, one) => sum + one.busy, 0);
  return { busy, all: busy + times.reduce((sum, one) => sum + one.idle, 0) };
};

/** Busy share of all processors over the next moment, 0 to 1. */
export async function busyShare(): Promise<number> {
  const before = processorTimes();
  await pause(WINDOW_MS);
  const after = processorTimes();
  return (after.busy - before.busy) / Math.max(after.all - before.all, 1);
}

/**
 * A gate that waits at most `patienceMs` in total. With no patience it does not wait and does not
 * judge.
 */
export function quietGate(
  patienceMs: number,
  busy: () => Promise<number> = busyShare,
  now = () => performance.now(),
): Gate {
  let left = patienceMs;
  return async (take) => {
    while (left > 0) {
      const start = now();
      const idleBefore = (await busy()) < IDLE_BELOW;
      if (idleBefore) {
        const value = await take();
        if ((await busy()) < IDLE_BELOW) return { value, quiet: true };
      }
      left -= now() - start;
    }
    return { value: await take(), quiet: false };
  };
}
