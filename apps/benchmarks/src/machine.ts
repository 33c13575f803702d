/** What the measurements run on, and what they run with. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly threads: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Mean number of runnable processes in the last minute, before measuring: well below `threads` on a machine of one's own. */
  readonly load: number;
}

export const machine = (threads: number): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown processor",
  threads,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  node: process.version,
  load: loadavg()[0]!,
});

/** A list such as "0-2,5" of the files under /sys, as numbers. */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first, last = first] = part.split("-").map(Number) as [number, number?];
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/** One logical processor of every physical core that `allowed` reaches. `siblingsOf` gives the processors on the same core. */
export function onePerCore(allowed: readonly number[], siblingsOf: (cpu: number) => readonly number[]): number[] {
  const taken = new Set<number>();
  return allowed.filter((cpu) => {
    if (taken.has(cpu)) return false;
    for (const sibling of siblingsOf(cpu)) taken.add(sibling);
    return true;
  });
}

export interface Pinning {
  readonly threads: number;
  /** Goes before the command of every process that is measured. */
  readonly prefix: readonly string[];
}

/**
 * The same physical cores for everyone. Engines take one thread for every processor they may use, so where cores have several
 * (Linux with hyper-threading) every measured process is bound to one of each; elsewhere to none in particular.
 */
export function pinToCores(): Pinning {
  const everything = { threads: availableParallelism(), prefix: [] };
  const status = "/proc/self/status";
  if (!existsSync(status)) return everything;
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync(status, "utf8"))?.[1];
  if (list === undefined) return everything;
  const allowed = parseCpuList(list);
  const cores = onePerCore(allowed, (cpu) => {
    const file = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
    return existsSync(file) ? parseCpuList(readFileSync(file, "utf8")) : [cpu];
  });
  const bindable = cores.length < allowed.length && spawnSync("taskset", ["--version"]).status === 0;
  return bindable ? { threads: cores.length, prefix: ["taskset", "-c", cores.join()] } : everything;
}
