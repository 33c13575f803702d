/** Detection by several states of one model, such as its last checkpoints. */
import type { DetectionScores, DetectionValues } from "./detection.js";

/** A state of the model and its scores. */
export interface DetectionAt {
  readonly iteration: number;
  readonly scores: DetectionScores;
}

/** Means over several states, with the values of each. */
export interface AveragedDetection extends DetectionScores {
  /** Absent for one state. */
  readonly checkpoints?: readonly DetectionAt[];
}

/**
 * The mean and the standard deviation of each metric of each score. Counts and mean scores are
 * those of the last state. One state keeps its values.
 *
 * @param states at least one, with the same metrics and scores
 */
export function averagedDetection(states: readonly DetectionAt[]): AveragedDetection {
  const last = states.at(-1)!.scores;
  if (states.length === 1) return last;
  const all = states.map(({ scores }) => scores);
  const { otherScores } = last;
  return {
    ...last,
    ...averaged(all),
    ...(otherScores && {
      otherScores: Object.fromEntries(
        Object.keys(otherScores).map((name) => [name, averaged(all.map((of) => of.otherScores![name]!))]),
      ),
    }),
    checkpoints: states,
  };
}

function averaged(states: readonly DetectionValues[]): DetectionValues {
  const { auroc, auprc, tprAtFpr, fprAtTpr } = states.at(-1)!;
  const over = (read: (values: DetectionValues) => number) => {
    const values = states.map(read);
    const mean = meanOf(values);
    return { value: mean, standardDeviation: Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2))) };
  };
  return {
    ...(auroc && { auroc: over((of) => of.auroc!.value) }),
    ...(auprc && {
      auprc: {
        ...auprc,
        ...over((of) => of.auprc!.value),
        averagePrecision: over((of) => of.auprc!.averagePrecision).value,
      },
    }),
    ...(tprAtFpr && { tprAtFpr: { ...tprAtFpr, ...over((of) => of.tprAtFpr!.value) } }),
    ...(fprAtTpr && { fprAtTpr: { ...fprAtTpr, ...over((of) => of.fprAtTpr!.value) } }),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
