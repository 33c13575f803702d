/** Scores of generated text: what they are called, what they need, and how they read. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeText, linesOf, sha256, vocabularyOf, wordsOf, type Tokens, type Vocabulary } from "@ergodic/data";
import {
  assertScorableText,
  bleu,
  forwardPerplexity,
  reversePerplexity,
  selfBleu,
  type Bleu,
  type ForwardPerplexity,
  type LanguageModelTraining,
  type Perplexity,
  type ReversePerplexity,
} from "@ergodic/evaluation";
import { messageOf, ValidationError } from "@ergodic/tensor";
import { CliError, usageError } from "../errors.js";
import { columns, short, withThousands } from "../terminal/format.js";

export const textMetrics = ["fppl", "rppl", "bleu", "self-bleu"] as const;
export type TextMetric = (typeof textMetrics)[number];

/** Sentences of a file, one a line (`\n`, `\r\n` or `\r` ends it), words between white space; empty lines are none. */
export interface TextFile {
  readonly path: string;
  readonly sha256: string;
  readonly sentences: readonly Tokens[];
}

export interface TextScoring {
  readonly metrics: readonly TextMetric[];
  readonly generated: TextFile;
  /** Real text: the language model's, the vocabulary's, BLEU's references. */
  readonly reference?: TextFile | undefined;
  /** Real text besides. */
  readonly heldOut?: TextFile | undefined;
  readonly seed: number;
  /** Where runs of language models are kept. */
  readonly models?: string | undefined;
  readonly onStage: (text: string) => void;
}

export interface TextScores {
  readonly fppl?: ForwardPerplexity;
  readonly rppl?: ReversePerplexity;
  readonly bleu?: Bleu;
  readonly selfBleu?: { readonly value: number };
  readonly protocol: {
    readonly tokens: "separated by white space, case kept";
    readonly bleu: "orders 1 to 4, corpus level, not smoothed; every reference sentence is a reference";
    readonly files: Readonly<Record<string, Omit<TextFile, "sentences">>>;
    readonly seed: number;
  };
}

export const isTextFile = (path: string): boolean => path.toLowerCase().endsWith(".txt");

/** @throws CliError when it cannot be read or holds no words, ValidationError for encodings other than UTF-8 and UTF-16 */
export async function readText(path: string): Promise<TextFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new CliError(`${path} cannot be read (${messageOf(error)}).`);
  });
  const sentences = linesOf(decodeText(bytes, path)).map(wordsOf);
  const filled = sentences.filter((words) => words.length > 0);
  if (filled.length === 0) throw new CliError(`${path} holds no words; expected a sentence a line.`);
  return { path, sha256: await sha256(bytes), sentences: filled };
}

/** @throws CliError naming what is no metric of text */
export function chooseTextMetrics(names: readonly string[]): TextMetric[] {
  const all: readonly string[] = textMetrics;
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw usageError(`"${unknown}" is no metric of text files.  (all: ${textMetrics.join(", ")})`);
  return textMetrics.filter((metric) => names.includes(metric));
}

export async function textScores(scoring: TextScoring): Promise<TextScores> {
  const { metrics, generated, reference, heldOut, seed, onStage } = scoring;
  const real = (): TextFile => {
    if (reference === undefined) throw usageError("fppl, rppl and bleu need --reference <file>, real text.");
    return reference;
  };
  const asked = (metric: TextMetric): boolean => metrics.includes(metric);
  if (asked("bleu")) real();
  if (asked("self-bleu") && generated.sentences.length < 2)
    throw new CliError(`${generated.path} holds one sentence; self-bleu compares at least 2.`);
  const vocabulary = asked("fppl") || asked("rppl") ? vocabularyIn(real()) : undefined;
  if (vocabulary !== undefined)
    for (const { path, sentences } of [generated, real(), ...(heldOut ? [heldOut] : [])])
      assertScorableText(path, sentences, vocabulary);
  const training = (name: string): LanguageModelTraining => ({
    ...{ vocabulary: vocabulary!, seed },
    ...(scoring.models === undefined ? {} : { folder: join(scoring.models, name) }),
    onProgress: ({ iteration, iterations }) =>
      onStage(`learning the ${name} language model ${iteration}/${iterations}`),
  });
  const texts = { generated: generated.sentences, heldOut: heldOut?.sentences };
  const fppl = asked("fppl")
    ? await forwardPerplexity({ ...texts, real: real().sentences }, training("forward"))
    : undefined;
  const rppl = asked("rppl")
    ? await reversePerplexity({ ...texts, real: texts.heldOut ?? real().sentences }, training("reverse"))
    : undefined;
  if (asked("bleu") || asked("self-bleu")) onStage("counting n-grams");
  const references = reference?.sentences;
  return {
    ...(fppl && { fppl }),
    ...(rppl && { rppl }),
    ...(asked("bleu") && {
      bleu: bleu(
        texts.generated,
        texts.generated.map(() => references ?? real().sentences),
      ),
    }),
    ...(asked("self-bleu") && { selfBleu: { value: selfBleu(texts.generated) } }),
    protocol: {
      tokens: "separated by white space, case kept",
      bleu: "orders 1 to 4, corpus level, not smoothed; every reference sentence is a reference",
      files: {
        generated: nameOf(generated),
        ...(reference && { reference: nameOf(reference) }),
        ...(heldOut && { heldOut: nameOf(heldOut) }),
      },
      seed,
    },
  };
}

function vocabularyIn({ path, sentences }: TextFile): Vocabulary {
  try {
    return vocabularyOf(sentences);
  } catch (error) {
    throw error instanceof ValidationError ? new CliError(`${path}: ${error.message}`) : error;
  }
}

const nameOf = ({ path, sha256: hash }: TextFile) => ({ path, sha256: hash });

/** Scores as lines of text. */
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
