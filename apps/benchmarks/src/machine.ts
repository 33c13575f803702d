/** Description of the machine and runtime of the measurements. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly threads: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /**
   * Mean number of runnable processes in the last minute, before measuring. It is well below
   * `threads` on an idle machine.
   */
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

/** Parses a list such as "0-2,5" of the files under /sys. */
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

/**
 * One logical processor of every physical core in `allowed`. `siblingsOf` returns the processors on
 * the same core.
 */
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
  /** Prefix of the command of every measured process. */
  readonly prefix: readonly string[];
}

/**
 * Binds all measured processes to the same physical cores.
 *
 * Engines use one thread per available processor. With hyper-threading on Linux every measured
 * process is bound to one processor per core. Elsewhere it is not bound.
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
