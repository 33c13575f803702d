/** Finds the target and the kernel that the user named. */
import { targets, type Target } from "@ergodic/energies";
import { closestName } from "@ergodic/training";
import { usageError } from "../errors.js";
import { words } from "../terminal/format.js";
import { kernels, type KernelChoice } from "./kernels.js";

/**
 * The target with this name.
 *
 * @throws CliError with the nearest name when there is none.
 */
export function chooseTarget(name: string): Target {
  return chosen("target", name, targets, "ergodic sample-target --list")();
}

/**
 * The kernel with this name.
 *
 * @throws CliError when there is none, or when it does not accept one of the given settings.
 */
export function chooseKernel(name: string, given: Readonly<Record<string, unknown>>): KernelChoice {
  const choice: KernelChoice = chosen("kernel", name, kernels, Object.keys(kernels).join(", "));
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
