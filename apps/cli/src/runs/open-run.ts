/** Opens a run folder for sampling or evaluation: finds its experiment and restores its state. */
import { useEngine } from "@ergodic/engine";
import { type Experiment, type LearnerState } from "@ergodic/training";
import { readRunRecord, restoreRun, type RestoredRun } from "@ergodic/training/node";
import type { EngineChoice } from "../commands/engine-option.js";
import { experimentOfRun, type ExperimentChoice } from "../experiments/of-run.js";
import { note } from "../terminal/output.js";

export interface OpenRun {
  readonly experiment: Experiment;
  readonly run: RestoredRun<LearnerState, unknown, unknown>;
}

interface OpenOptions {
  readonly engine?: EngineChoice;
  readonly checkpoint?: number;
}

/** Opens a run at a checkpoint, by default the newest usable one. Dispose `run` after use. */
export async function openRun(folder: string, options: OpenOptions & ExperimentChoice): Promise<OpenRun> {
  const record = await readRunRecord(folder);
  const { experiment } = await experimentOfRun({ folder, record }, options);
  return openWith(experiment, folder, options);
}

/** The same with a loaded experiment. */
export async function openWith(experiment: Experiment, folder: string, options: OpenOptions): Promise<OpenRun> {
  await useEngine(options.engine ?? "auto");
  const at = options.checkpoint === undefined ? {} : { iteration: options.checkpoint };
  const run = await restoreRun({ experiment, folder, ...at });
  for (const { problem } of run.unusable) note(`note: ${problem} Using the checkpoint of iteration ${run.iteration}.`);
  return { experiment, run };
}
