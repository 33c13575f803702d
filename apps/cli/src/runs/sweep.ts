/** Sweeps: `--set training.seed=0,1,2` is three runs. */
import { parseSetting, resolveConfig, type Experiment } from "@ergodic/training";

/** The settings of one run of a sweep. */
export interface SweepChoice {
  readonly set: readonly string[];
  /** The settings that distinguish it from the others; empty without a sweep. */
  readonly chosen: string;
}

/**
 * All choices of the settings, in order. A list without brackets is one value for each run, unless
 * the setting takes the list itself, as texts do.
 */
export function sweepOf(set: readonly string[], experiment: Experiment): SweepChoice[] {
  let choices: SweepChoice[] = [{ set: [], chosen: "" }];
  for (const text of set) {
    const values = valuesOf(text, experiment);
    choices = choices.flatMap(({ set: before, chosen }) =>
      values.map((value) => ({
        set: [...before, value],
        chosen: values.length === 1 ? chosen : [chosen, value].filter((part) => part !== "").join(" "),
      })),
    );
  }
  return choices;
}

function valuesOf(text: string, experiment: Experiment): string[] {
  const { path, value } = parseSetting(text);
  if (typeof value !== "string" || !value.includes(",") || accepts(experiment, path, value)) return [text];
  const values = value.split(",").map((part) => `${path}=${part.trim()}`);
  const fit = values.every((each) => accepts(experiment, path, parseSetting(each).value));
  // A list of which some value does not fit is reported as it was written.
  return fit ? values : [text];
}

function accepts(experiment: Experiment, path: string, value: unknown): boolean {
  try {
    resolveConfig(experiment, { [path]: value });
    return true;
  } catch {
    return false;
  }
}
