/**
 * The full diagnosis of a model's chain: cost of a step, long run, short-run comparison, verdict.
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

/** The current stage, and its progress if known. */
export interface DiagnosisProgress {
  readonly stage: "cost" | "long run" | "short runs" | "summary";
  readonly done?: number;
  readonly of?: number;
}

export interface DiagnosisPlan {
  /** Number of long chains. */
  readonly chains: number;
  /**
   * Recorded steps per chain. Default: until the verdict is settled, at most 100 times the steps of
   * learning.
   */
  readonly steps?: number | undefined;
  /**
   * Number of chains in the comparison of short and longer runs. Default: 64 to 1000, by the cost
   * of a step.
   */
  readonly n?: number | undefined;
  readonly key: Key;
  /** Reference data for pictures. */
  readonly reference?: PictureReference | undefined;
  readonly onProgress?: ((progress: DiagnosisProgress) => void) | undefined;
}

/** Maximum number of recorded steps of a long chain, in short runs. */
const mostShortRuns = 100;

/**
 * Diagnoses a chain of a trained model. Equal plans give equal results.
 *
 * @returns the verdict, and the long run behind the plots
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
