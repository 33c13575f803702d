/** Finds the target and the kernel that the user named. */
import { resolve } from "node:path";
import { prepareKernel, type RowKernel } from "@ergodic/diagnosis";
import { targets, type Target } from "@ergodic/energies";
import type { Energy } from "@ergodic/samplers";
import { closestName } from "@ergodic/training";
import { usageError } from "../errors.js";
import { importExperimentFile } from "../experiments/import-file.js";
import { words } from "../terminal/format.js";
import { kernels, type KernelChoice } from "./kernels.js";
import { isFile } from "./sampled-target.js";

/**
 * The target with this name.
 *
 * @throws CliError with the nearest name when there is none.
 */
export function chooseTarget(name: string): Target {
  return chosen("target", name, targets, "ergodic sample-target --list")();
}

/**
 * The kernel that a file makes of an energy. Kernels for `warmUp` are tuned.
 *
 * @throws CliError when the file cannot be loaded or its default export is no function
 */
export async function loadKernel(path: string): Promise<KernelChoice> {
  const { default: kernelOf } = await importExperimentFile(path);
  if (typeof kernelOf !== "function")
    throw usageError(`${path} has no kernel as its default export. Write: export default (energy) => kernel`);
  const make = (energy: Energy) => prepareKernel((kernelOf as (energy: Energy) => RowKernel)(energy));
  return { description: path, takes: [], make };
}

/**
 * The kernel with this name.
 *
 * @throws CliError when there is none, or when it does not accept one of the given settings.
 */
export async function chooseKernel(name: string, given: Readonly<Record<string, unknown>>): Promise<KernelChoice> {
  const choice: KernelChoice = isFile(name)
    ? await loadKernel(resolve(name))
    : chosen("kernel", name, kernels, Object.keys(kernels).join(", "));
  for (const setting of ["mass", "targetAcceptance", "leapfrogSteps", "replicas"] as const) {
    if (given[setting] === undefined || choice.takes.includes(setting)) continue;
    throw usageError(`${name} has no ${words(setting)}; leave out --${words(setting).replaceAll(" ", "-")}.`);
  }
  return choice;
}

function chosen<T>(kind: string, name: string, known: Readonly<Record<string, T>>, all: string): T {
  if (Object.hasOwn(known, name)) return known[name]!;
  const near = closestName(name, Object.keys(known));
  throw usageError(`no ${kind} named "${name}".${near === undefined ? "" : ` Did you mean "${near}"?`}  (all: ${all})`);
}
