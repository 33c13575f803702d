/** The result of `ergodic score` as plain data: what --json prints and scores.json holds. */
import type { FileReport, ReadablePictures } from "@ergodic/data/node";
import type { JudgedExample, NormalScores, NoveltyScores } from "@ergodic/evaluation/detection";

export interface ScoredImage extends JudgedExample {
  /** The path of the picture within the folder. */
  readonly image: string;
}

/** Normal images that were scored. */
interface Compared {
  readonly description: string;
  readonly count: number;
}

export interface ScoreRecord {
  readonly run: string;
  readonly iteration: number;
  readonly seed: number;
  readonly pictures: string;
  /** A normal image is flagged with at most this probability. */
  readonly falseAlarms: number;
  /** Scores above it are flagged. */
  readonly threshold: number;
  readonly heldOut: Compared;
  readonly training: Compared;
  readonly flagged: number;
  /** The most anomalous first. */
  readonly images: readonly ScoredImage[];
  /** Pictures that cannot be read. */
  readonly unreadable: ReadablePictures["unreadable"];
  /** Files that are no pictures, and pictures that were read in part. */
  readonly files: FileReport;
}

/** The record of scores of pictures. */
export function scoreRecord(
  of: Pick<ScoreRecord, "run" | "iteration" | "seed" | "pictures">,
  { images, unreadable }: ReadablePictures,
  { examples, threshold, falseAlarms, training, heldOut }: NoveltyScores,
): ScoreRecord {
  const compared = ({ description, scores }: NormalScores): Compared => ({ description, count: scores.length });
  return {
    ...of,
    falseAlarms,
    threshold,
    heldOut: compared(heldOut),
    training: compared(training),
    flagged: examples.filter(({ flagged }) => flagged).length,
    images: worstFirst(examples).map((i) => ({ image: images.names[i]!, ...examples[i]! })),
    unreadable,
    files: images.files,
  };
}

/** The numbers of the examples in descending order of their scores. */
export function worstFirst(examples: readonly JudgedExample[]): number[] {
  return examples.map((_, i) => i).sort((a, b) => examples[b]!.score - examples[a]!.score);
}
