/** The work of `ergodic evaluate` on files of generated text: nothing is written beside them. */
import { useEngine } from "@ergodic/engine";
import type { EvaluateFlags } from "./flags.js";
import { chooseTextMetrics, describeTextScores, readText, textMetrics, textScores } from "../evaluation/text-scores.js";
import { jsonResult, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";

export { isTextFile } from "../evaluation/text-scores.js";

/** Options of `evaluate` that matter to text alone. */
export interface TextFlags extends EvaluateFlags {
  readonly heldOut?: string;
  readonly languageModels?: string;
}

/** Scores a text file, a sentence a line, and prints the scores. */
export async function evaluateText(path: string, flags: TextFlags): Promise<void> {
  const { seed, engine, json, languageModels: models } = flags;
  const metrics = chooseTextMetrics(flags.metrics ?? (flags.reference === undefined ? ["self-bleu"] : textMetrics));
  const optional = (file: string | undefined) => (file === undefined ? undefined : readText(file));
  const generated = await readText(path);
  const [reference, heldOut] = [await optional(flags.reference), await optional(flags.heldOut)];
  await useEngine(engine ?? "auto");
  const shown = stages(stderrTarget, flags);
  try {
    const scores = await textScores({ metrics, generated, reference, heldOut, seed, models, onStage: shown.stage });
    if (json) jsonResult(scores);
    else result(describeTextScores(scores));
  } finally {
    shown.end();
  }
}
