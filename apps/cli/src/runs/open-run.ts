/** A run folder opened for sampling or evaluation: its experiment is found again and its state restored. */
import { useEngine } from "@ergodic/engine";
import { readRunRecord, restoreRun, type Experiment, type LearnerState, type RestoredRun } from "@ergodic/training";
import type { EngineChoice } from "../commands/engine-option.js";
import { resolveOrigin } from "../experiments/resolve.js";

export interface OpenRun {
  readonly experiment: Experiment;
  readonly run: RestoredRun<LearnerState, unknown, unknown>;
}

/** Opens a run at a checkpoint, by default the newest. Dispose `run` after use. */
export async function openRun(
  folder: string,
  options: { engine?: EngineChoice; checkpoint?: number },
): Promise<OpenRun> {
  const record = await readRunRecord(folder);
  const { experiment } = await resolveOrigin(record.origin, folder);
  await useEngine(options.engine ?? "auto");
  const at = options.checkpoint === undefined ? {} : { iteration: options.checkpoint };
  return { experiment, run: await restoreRun({ experiment, folder, ...at }) };
}
