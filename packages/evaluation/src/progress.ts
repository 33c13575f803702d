/** What a long computation is doing, for whatever shows it. */
export interface ScoringProgress {
  /** For instance "generating". */
  readonly what: string;
  /** Absent where there is nothing to count. */
  readonly done?: number;
  /** Absent where the end is not known. */
  readonly of?: number | undefined;
}

export type OnProgress = (progress: ScoringProgress) => void;
