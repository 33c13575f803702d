/** Formats scores of text as text. */
import type { Perplexity } from "@ergodic/evaluation/text";
import type { TextScores } from "@ergodic/evaluation/node";
import { columns, short, withThousands } from "../terminal/format.js";

export function describeTextScores({ fppl, rppl, bleu: overlap, selfBleu: repeats }: TextScores): string {
  const rows: [string, string][] = [];
  const add = (name: string, { value, nats, standardError, sentences, unknown }: Perplexity): void => {
    const error = `nats ${short(nats)} ± ${short(standardError)}`;
    const rare = unknown > 0 ? `, ${short(100 * unknown)} % of tokens unknown` : "";
    rows.push([name, `${short(value)}   ${error}, ${withThousands(sentences)} sentences${rare}`]);
  };
  if (fppl) add("forward perplexity", fppl.generated);
  if (fppl?.floor) add("forward, held-out text", fppl.floor);
  if (rppl) add("reverse perplexity", rppl.real);
  if (overlap) rows.push(["BLEU", short(overlap.value)]);
  if (repeats) rows.push(["self-BLEU", short(repeats.value)]);
  const model = (fppl ?? rppl)?.languageModel;
  if (model) {
    const sizes = `embedding ${model.embedding}, LSTM ${model.hidden}, dropout ${model.dropout}`;
    rows.push(["language model", `${sizes}, ${model.epochs} epochs, ${withThousands(model.vocabulary)} words`]);
  }
  return columns(rows, 3);
}
