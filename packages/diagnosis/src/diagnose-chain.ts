/**
 * The whole diagnosis of a model's chain: cost of a step, long run, short run compared, verdict.
 */
import { random, type Key } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import { classVisits } from "./class-visits.js";
import { judge, type ChainDiagnosis } from "./judge.js";
import { longRun, type LongRun } from "./long-run.js";
import { pictureChange } from "./picture-change.js";
import { settled } from "./settled.js";
import { chainsToCompare, compareShortRun, type PictureReference } from "./short-run.js";
import { stepCost } from "./step-cost.js";

/** What is being done, with how much of it where that is known. */
export interface DiagnosisProgress {
  readonly stage: "cost" | "long run" | "short runs" | "summary";
  readonly done?: number;
  readonly of?: number;
}

export interface DiagnosisPlan {
  /** Long chains. */
  readonly chains: number;
  /**
   * Recorded steps of each. Default: as many as settle the verdict, at most 100 times those of
   * learning.
   */
  readonly steps?: number | undefined;
  /**
   * Chains in the comparison of short and longer runs. Default: 64 to 1000, by the cost of a step.
   */
  readonly n?: number | undefined;
  readonly key: Key;
  /** Data to compare pictures with. */
  readonly reference?: PictureReference | undefined;
  readonly onProgress?: ((progress: DiagnosisProgress) => void) | undefined;
}

/** Recorded steps of a long chain at most, in short runs. */
const mostShortRuns = 100;

/**
 * Diagnoses a chain of a trained model; the same plan gives the same numbers.
 *
 * @returns the verdict, and the long run that plots are drawn from
 * @throws ValidationError when the record of the chains exceeds the memory
 */
export async function diagnoseChain(
  chain: ModelChain,
  { chains, steps, n, key, reference, onProgress }: DiagnosisPlan,
): Promise<{ readonly diagnosis: ChainDiagnosis; readonly run: LongRun }> {
  const [longKey, shortKey] = random.split(key, 2) as [Key, Key];
  onProgress?.({ stage: "cost" });
  const cost = stepCost(chain);
  const counted = (stage: DiagnosisProgress["stage"]) => (done: number, of: number) =>
    onProgress?.({ stage, done, of });
  const run = await longRun(chain, {
    ...(steps === undefined ? { steps: mostShortRuns * chain.steps, settled } : { steps }),
    ...{ chains, key: longKey, cost, onStep: counted("long run") },
  });
  const shortRun = await compareShortRun(chain, {
    ...{ n: n ?? chainsToCompare(chain, cost), key: shortKey, cost, reference },
    onStep: counted("short runs"),
  });
  onProgress?.({ stage: "summary" });
  const pictures = pictureChange(run.snapshots);
  const classes = reference?.classes && classVisits(run.snapshots, reference.classes);
  return { run, diagnosis: judge({ chain, run, shortRun, pictures, classes }) };
}
