/** What the processes of the measurement of workers say. */

/** The iterations, with their batch and the number of timed calls. */
export const iterations = {
  "conv-learning-iteration": { batch: 100, calls: 9 },
  "recovery-iteration": { batch: 16, calls: 3 },
} as const;

export type IterationName = keyof typeof iterations;

export interface Measured {
  /** Of each update. */
  readonly milliseconds: readonly number[];
  /** Of the mean of as many numbers as the model has parameters. */
  readonly averaging: readonly number[];
  /** On the loopback device for each update, of all workers together. */
  readonly bytes: number;
  readonly parameters: number;
}
