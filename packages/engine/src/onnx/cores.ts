/**
 * The best number of threads.
 *
 * Node's modules are imported at run time, so that bundlers of pages do not see them.
 */
const TOPOLOGY = "/sys/devices/system/cpu";

/**
 * The number of physical cores this process may use. Two threads on one core slow each other down
 * in dense arithmetic.
 *
 * Linux reports which logical processors share a core. On other systems every logical processor
 * counts.
 */
export function physicalCores(
  topology = TOPOLOGY,
  logical = process.getBuiltinModule("node:os").availableParallelism(),
): number {
  const { existsSync, readdirSync, readFileSync } = process.getBuiltinModule("node:fs");
  const { join } = process.getBuiltinModule("node:path");
  if (!existsSync(topology)) return logical;
  const siblings = readdirSync(topology)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => join(topology, name, "topology", "thread_siblings_list"))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8").trim());
  const cores = new Set(siblings).size;
  return cores === 0 ? logical : Math.min(cores, logical);
}
