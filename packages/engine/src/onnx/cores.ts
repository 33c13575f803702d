/** How many threads compute best. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const TOPOLOGY = "/sys/devices/system/cpu";

/**
 * The number of physical cores this process may use: two threads of one core only get in each other's way in dense arithmetic.
 *
 * Linux tells which logical processors share a core; elsewhere every logical processor counts.
 */
export function physicalCores(topology = TOPOLOGY, logical = availableParallelism()): number {
  if (!existsSync(topology)) return logical;
  const siblings = readdirSync(topology)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => join(topology, name, "topology", "thread_siblings_list"))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8").trim());
  const cores = new Set(siblings).size;
  return cores === 0 ? logical : Math.min(cores, logical);
}
