/**
 * Phases: named consecutive stretches of training. Their lengths add up to the iterations of a run.
 */
import { ConfigError } from "./errors.js";
import type { Phase } from "./learner.js";

/** Lengths of the phases by name, in order. */
export type Phases = Readonly<Record<string, number>>;

/** The total number of iterations of all phases. */
export const totalOf = (phases: Phases): number => Object.values(phases).reduce((total, length) => total + length, 0);

/**
 * The phase of iteration `iteration`, counted from 0. Undefined without phases and after the last
 * one.
 */
export function phaseAt(phases: Phases | null, iteration: number): Phase | undefined {
  let before = 0;
  for (const [name, iterations] of Object.entries(phases ?? {})) {
    if (iteration < before + iterations) return { name, iteration: iteration - before, iterations };
    before += iterations;
  }
  return undefined;
}

/**
 * @throws ConfigError when the phases do not add up to the iterations, or a name is an integer
 *   (JavaScript would reorder it).
 */
export function assertPhases({
  phases,
  iterations,
}: {
  readonly phases: Phases | null;
  readonly iterations: number;
}): void {
  if (phases === null) return;
  const numeric = Object.keys(phases).find((name) => /^\d+$/.test(name));
  if (numeric !== undefined) {
    throw new ConfigError(
      `training.phases has a phase called "${numeric}"; JavaScript reorders such names.`,
      `Give the phase a name in words.`,
    );
  }
  const total = totalOf(phases);
  if (total === iterations) return;
  const settings = Object.keys(phases).map((name) => `training.phases.${name}`);
  throw new ConfigError(
    `training.iterations is ${iterations}; the phases have ${total} iterations together.`,
    `Set the length of a phase instead: ${settings.join(", ")}.`,
  );
}

/** @throws ConfigError when an experiment has phases that its learner does not know. */
export function assertKnownPhases(phases: Phases | null, known: readonly string[] | undefined): void {
  const strange = known && Object.keys(phases ?? {}).find((name) => !known.includes(name));
  if (strange === undefined) return;
  throw new ConfigError(`the learner has no phase called "${strange}".`, `Its phases are ${known!.join(", ")}.`);
}
