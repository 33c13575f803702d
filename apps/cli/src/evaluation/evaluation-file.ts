/**
 * evaluation.json of a run: all evaluations, each under a name made of its settings.
 *
 * Equal settings give equal scores. An evaluation therefore replaces only one with the same
 * settings.
 */
import { readFile } from "node:fs/promises";
import { CliError } from "../errors.js";
import { writeResult } from "../runs/folders.js";

/**
 * The settings that determine the scores of a run, in their order in the name. Settings without
 * effect on the metrics are omitted.
 */
export interface EvaluationSettings {
  readonly iteration: number;
  readonly metrics: readonly string[];
  readonly samples: number | undefined;
  readonly seed: number | undefined;
  readonly [other: string]: Setting | readonly Setting[];
}

type Setting = string | number | undefined;

/** An evaluation as it was made. */
export type Evaluation = Readonly<Record<string, unknown>>;

export interface EvaluationFile {
  readonly format: "ergodic-evaluations";
  readonly version: 1;
  /** Oldest first. */
  readonly evaluations: Readonly<Record<string, Evaluation>>;
}

/** The name of an evaluation, such as `iteration=3600 metrics=fpd,mse samples=10000 seed=0`. */
export function evaluationName(settings: EvaluationSettings): string {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join(",") : String(value as Setting)}`)
    .join(" ");
}

/**
 * The evaluations in a file. Empty when there is no file.
 *
 * @throws CliError when the file is damaged or has another format
 */
export async function readEvaluations(path: string): Promise<EvaluationFile> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw Object.assign(error, { path });
  });
  if (text === undefined) return fileOf({});
  const value = parsed(text, path);
  if (value["format"] === undefined && typeof value["iteration"] === "number") return fileOf(former(value));
  const { format, version, evaluations } = value;
  if (format === "ergodic-evaluations" && version === 1 && isRecord(evaluations))
    return fileOf(evaluations as EvaluationFile["evaluations"]);
  throw new CliError(
    `${path} is not a file of evaluations of version 1. Move it away, or use the version of the program that made it.`,
  );
}

/**
 * Adds an evaluation to a file, or replaces the one with the same settings.
 *
 * @throws CliError as {@link readEvaluations}
 */
export async function addEvaluation(path: string, settings: EvaluationSettings, evaluation: Evaluation): Promise<void> {
  const name = evaluationName(settings);
  const { [name]: _, ...others } = (await readEvaluations(path)).evaluations;
  await writeResult(path, `${JSON.stringify(fileOf({ ...others, [name]: evaluation }), null, 2)}\n`);
}

const fileOf = (evaluations: EvaluationFile["evaluations"]): EvaluationFile => ({
  format: "ergodic-evaluations",
  version: 1,
  evaluations,
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Reported below, like JSON of another form.
  }
  throw new CliError(
    `${path} is cut short or is not a record of evaluations. Move it away or restore it; a new one is written where there is none.`,
  );
}

/**
 * Names of scores in files of the former format, which held a single evaluation, and their metrics.
 */
const formerMetrics: Readonly<Record<string, string>> = {
  ...{ fpd: "fpd", mse: "mse", auroc: "auroc", auprc: "auprc", tprAtFpr: "tpr@fpr", fprAtTpr: "fpr@tpr" },
  ...{ fid: "fid", fidInfinity: "fid-infinity", is: "is", kid: "kid", prdc: "prdc", lenet: "lenet" },
};

/** The evaluation in a file of the former format. */
function former(evaluation: Evaluation): EvaluationFile["evaluations"] {
  const at = (...path: readonly string[]): unknown =>
    path.reduce<unknown>((inside, name) => (isRecord(inside) ? inside[name] : undefined), evaluation);
  const samples =
    at("fpd", "generated") ??
    at("protocol", "generated", "count") ??
    at("mse", "test") ??
    at("detection", "test", "count");
  const settings: EvaluationSettings = {
    iteration: evaluation["iteration"] as number,
    metrics: Object.entries(formerMetrics).flatMap(([name, metric]) => (name in evaluation ? [metric] : [])),
    samples: samples as number | undefined,
    seed: evaluation["seed"] as number | undefined,
  };
  return { [evaluationName(settings)]: evaluation };
}
