/** Progress of a long computation. */
export interface ScoringProgress {
  /** For instance "generating". */
  readonly what: string;
  /** Absent if there is nothing to count. */
  readonly done?: number;
  /** Absent if the end is not known. */
  readonly of?: number | undefined;
}

export type OnProgress = (progress: ScoringProgress) => void;
