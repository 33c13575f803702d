/** Formulates a diagnosis: the problems of a chain, and the evidence. */
import type { ChainDiagnosis, ChainTrouble, ShortRunComparison } from "@ergodic/diagnosis";
import type { ModeVisits } from "@ergodic/samplers/diagnostics";
import { mixingWords } from "../chains/trouble-words.js";
import { short } from "../terminal/format.js";

/** A diagnosis with its sentences, as stored in diagnosis.json and printed by `--json`. */
export interface WordedDiagnosis extends Omit<ChainDiagnosis, "troubles"> {
  readonly troubles: readonly string[];
  readonly evidence: readonly string[];
}

/** Adds the sentences to a diagnosis. */
export const worded = (diagnosis: ChainDiagnosis): WordedDiagnosis => ({
  ...diagnosis,
  troubles: diagnosis.troubles.map(troubleWords),
  evidence: evidence(diagnosis),
});

/** One problem as a sentence. */
export function troubleWords(trouble: ChainTrouble): string {
  if (trouble.kind !== "diverged") return mixingWords(trouble);
  const { chain, step } = trouble;
  return `chain ${chain} left the finite numbers at step ${step}: the step is too large, or the energy has no floor`;
}

/** All other observations, one sentence each. */
export function evidence(diagnosis: ChainDiagnosis): string[] {
  const { memory, modes, classes, pictures, learningSteps } = diagnosis;
  return [
    ...(memory === undefined ? [] : [memoryWords(memory, learningSteps)]),
    equilibriumWords(diagnosis),
    ...driftWords(diagnosis),
    ...(modes === undefined ? [] : [visitWords(modes, "mode", 1, modes.occupancy.filter((share) => share > 0).length)]),
    ...(classes === undefined
      ? []
      : [
          visitWords(classes, "nearest class mean", classes.stretch, classes.classes),
          `nearest class means are a coarse label: they are right for ${percent(classes.agreement)} of the test images`,
        ]),
    ...(pictures === undefined
      ? []
      : [
          `pictures: ${pictures.stretch} steps change a picture by ${percent(pictures.ratio)} of the difference between two chains`,
        ]),
  ];
}

const percent = (share: number): string => `${short(100 * share)} %`;

function memoryWords({ name, time, shortRuns, energyTime }: NonNullable<ChainDiagnosis["memory"]>, steps: number) {
  const runs = `${short(shortRuns)} times the ${steps} steps of a short run`;
  return `memory: ${name} takes ${short(time)} steps to forget, ${runs}; the energy ${short(energyTime)}`;
}

function equilibriumWords({ shortRun, equilibrium }: ChainDiagnosis): string {
  const numbers = energies(shortRun);
  switch (equilibrium.state) {
    case "diverges":
      return `${numbers}: longer chains leave the finite numbers`;
    case "away": {
      const steps = shortRun.short.steps;
      const distance = `${short(equilibrium.deviations)} standard deviations away`;
      return `${numbers}: the short run is not at equilibrium, ${distance}; its samples follow the law after ${steps} steps, not exp(-E)`;
    }
    case "unclear":
      return `${numbers}: the energy stays, which says little of chains that do not mix`;
    case "reached":
      return `${numbers}: the short run ends at equilibrium, as far as the energy tells`;
  }
}

function energies({ short: early, long }: ShortRunComparison): string {
  const after = `energy ${short(early.energy)} ± ${short(early.error)} after ${early.steps} steps`;
  return `${after}, ${short(long.energy)} ± ${short(long.error)} from step ${long.steps / 2} to ${long.steps}`;
}

const driftSentences = {
  further: "longer chains drift away from the data",
  nearer: "longer chains come nearer to the data",
  "as near": "longer chains stay as near to the data",
} as const;

/** The distances to data, if they were measured. */
function driftWords({ shortRun: { short: early, long, floor }, drift }: ChainDiagnosis): string[] {
  if (drift === undefined || early.distance === undefined || long.distance === undefined || floor === undefined)
    return [];
  const first = `FPD ${short(early.distance)} after ${early.steps} steps`;
  return [`${first}, ${short(long.distance)} after ${long.steps} (floor ${short(floor)}): ${driftSentences[drift]}`];
}

function visitWords({ hopRate, visited }: ModeVisits, what: string, stretch: number, most: number): string {
  const every = stretch === 1 ? "steps" : `stretches of ${stretch} steps`;
  const [least, highest] = [Math.min(...visited), Math.max(...visited)];
  const seen = least === highest ? String(least) : `${least} to ${highest}`;
  return `${what}: changes in ${percent(hopRate)} of ${every}; each chain has seen ${seen} of ${most}`;
}
