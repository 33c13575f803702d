/** Implements `ergodic evaluate` for files of generated text. It writes no files next to them. */
import { join } from "node:path";
import { useEngine } from "@ergodic/engine";
import { readText, textMetrics, textScores } from "@ergodic/evaluation/node";
import type { EvaluateFlags } from "./flags.js";
import { chooseTextMetrics } from "../evaluation/choose-metrics.js";
import { describeTextScores } from "../evaluation/describe-text-scores.js";
import { usageError } from "../errors.js";
import { showProgress } from "../terminal/scoring-progress.js";
import { jsonResult, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";

/** Whether a path is scored as text. */
export const isTextFile = (path: string): boolean => path.toLowerCase().endsWith(".txt");

/** Options of `evaluate` for text only. */
export interface TextFlags extends EvaluateFlags {
  readonly heldOut?: string;
  readonly languageModels?: string;
}

/** Scores a text file with one sentence per line, and prints the scores. */
export async function evaluateText(path: string, flags: TextFlags): Promise<void> {
  const { seed, engine, json, languageModels: models } = flags;
  const metrics = chooseTextMetrics(flags.metrics ?? (flags.reference === undefined ? ["self-bleu"] : textMetrics));
  if (flags.reference === undefined && metrics.some((metric) => metric !== "self-bleu"))
    throw usageError("fppl, rppl and bleu need --reference <file>, real text.");
  const optional = (file: string | undefined) => (file === undefined ? undefined : readText(file));
  const generated = await readText(path);
  const [reference, heldOut] = [await optional(flags.reference), await optional(flags.heldOut)];
  await useEngine(engine ?? "auto");
  const shown = stages(stderrTarget, flags);
  try {
    const modelFolder = models === undefined ? undefined : (name: string) => join(models, name);
    const onProgress = showProgress(shown.stage);
    const scores = await textScores({ metrics, generated, reference, heldOut, seed, modelFolder, onProgress });
    if (json) jsonResult(scores);
    else result(describeTextScores(scores));
  } finally {
    shown.end();
  }
}
