/** Formats scores of a model of sentences as text. */
import type { SampleScores, SentenceScores } from "@ergodic/evaluation/node";
import { columns, short, withThousands } from "../terminal/format.js";

/** A row for each score, with the values of each law of latents. Empty without scores. */
export function describeSentenceScores({ sentences }: SentenceScores): string {
  if (sentences === undefined) return "";
  const { samples, floor, bleu, replies, control, languageModel } = sentences;
  const laws = Object.entries(samples);
  const rows: [string, string][] = [];
  const add = (name: string, read: (scores: SampleScores) => string | undefined, after = ""): void => {
    const values = laws.flatMap(([law, scores]) => {
      const value = read(scores);
      return value === undefined ? [] : [laws.length > 1 && law !== "model" ? `${law} ${value}` : value];
    });
    if (values.length > 0) rows.push([name, values.join(", ") + after]);
  };
  const [, first] = laws[0]!;
  add("valid sentences", ({ valid }) => valid && `${percent(valid.value)} (${valid.different} of ${valid.of})`);
  add("rarest topic", ({ valid }) => valid && percent(valid.leastTopic));
  add("word divergence", ({ wkl }) => (wkl === undefined ? undefined : `${short(wkl)} nats`));
  add("distinct-1", (scores) => scores.distinct && short(scores.distinct.words));
  add("distinct-2", (scores) => scores.distinct && short(scores.distinct.pairs));
  add("different sentences", (scores) => scores.distinct && percent(scores.distinct.sentences));
  if (bleu)
    rows.push(
      ["BLEU", `${short(bleu.value)}   reconstructions of ${withThousands(bleu.count)} test sentences`],
      ["word for word", percent(bleu.exact)],
    );
  if (replies)
    rows.push([
      "BLEU of replies",
      `${short(replies.value)}   in other contexts ${short(replies.chance)}, ${withThousands(replies.count)} test sentences`,
    ]);
  if (control) {
    const by = control.judge === undefined ? "the grammar" : `a judge that is right for ${percent(control.judge)}`;
    const each = control.symbols.map(({ share }) => percent(share)).join(", ");
    rows.push(["control by symbol", `${percent(control.value)}   ${each}; by ${by}`]);
  }
  add("forward perplexity", ({ fppl }) => fppl && short(fppl.value));
  if (floor) rows.push(["forward, test text", `${short(floor.value)}   the floor`]);
  add("reverse perplexity", ({ rppl }) => rppl && short(rppl.value));
  if (languageModel) {
    const { embedding, hidden, dropout, epochs, vocabulary } = languageModel;
    rows.push([
      "language model",
      `embedding ${embedding}, LSTM ${hidden}, dropout ${dropout}, ${epochs} epochs, ${withThousands(vocabulary)} words`,
    ]);
  }
  if (first !== undefined) rows.push(["samples", `${withThousands(first.sentences)} of each law of latents`]);
  return columns(rows, 3);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
