/** Implements `ergodic train --dry-run`: sizes and times from a few iterations, without a run. */
import { describeBytes } from "@ergodic/tensor";
import { useEngine } from "@ergodic/engine";
import type { Config, Experiment } from "@ergodic/training";
import { dryRun, type DryRun, type MeasuredPhase } from "@ergodic/training/node";
import type { EngineChoice } from "../commands/engine-option.js";
import { columns, duration, short, withThousands } from "../terminal/format.js";
import { jsonResult, result } from "../terminal/output.js";

export interface DryPlan {
  readonly experiment: Experiment;
  readonly config: Config;
  readonly engine: EngineChoice;
  /** Iterations that the run has done. */
  readonly done: number;
}

/** Measures and prints. */
export async function runDry(
  { experiment, config, engine, done }: DryPlan,
  { json }: { readonly json: boolean },
): Promise<void> {
  const { description } = await useEngine(engine);
  const measured = await dryRun({ experiment, config, done });
  if (json) jsonResult({ engine: description, ...measured });
  else result(describeDryRun(description, measured));
}

/** An amount of multiply-adds, as in "1.21 G". */
function amount(count: number): string {
  const units = ["", " k", " M", " G", " T", " P"];
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(count, 1)) / 3)));
  return `${short(count / 1000 ** step)}${units[step]}`;
}

/** "2,000", or "500 left (2,000 in all)" in a run that has begun. */
const howMany = ({ iterations, left }: MeasuredPhase): string =>
  left === iterations ? withThousands(iterations) : `${withThousands(left)} left (${withThousands(iterations)} in all)`;

const phaseLine = (phase: MeasuredPhase): string => {
  const { multiplyAdds, seconds, firstSeconds } = phase;
  return `${howMany(phase)} of ${short(seconds)} s (first ${short(firstSeconds)} s), ${amount(multiplyAdds)} multiply-adds each`;
};

/** What a dry run found, as text. */
export function describeDryRun(engine: string, { data, model, phases, peakMemory, secondsToEnd }: DryRun): string {
  return columns([
    ["engine", engine],
    ["data", data],
    ["model", model],
    ...phases.map((phase): [string, string] => [phase.name ?? "iterations", phaseLine(phase)]),
    ["memory", `${describeBytes(peakMemory)}, the largest so far`],
    ["to the end", `about ${duration(secondsToEnd)}, without samples, checkpoints and evaluation`],
  ]);
}
