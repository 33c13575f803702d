/** Scores of generated text by name, with their protocols. */
import { readFile } from "node:fs/promises";
import { decodeText, linesOf, vocabularyOf, wordsOf, type Tokens, type Vocabulary } from "@ergodic/data";
import { sha256 } from "@ergodic/formats";
import { fail, messageOf, ValidationError } from "@ergodic/tensor";
import type { OnProgress } from "../progress.js";
import { bleu, selfBleu, type Bleu } from "./bleu.js";
import {
  forwardPerplexity,
  reversePerplexity,
  type ForwardPerplexity,
  type ReversePerplexity,
} from "./perplexities.js";
import { assertScorableText, type LanguageModelTraining } from "./train-language-model.js";

/** Forward and reverse perplexity, overlap with references, and overlap within the text. */
export const textMetrics = ["fppl", "rppl", "bleu", "self-bleu"] as const;
export type TextMetric = (typeof textMetrics)[number];

/**
 * Sentences of a file, one per line, words separated by white space. `\n`, `\r\n` or `\r` ends a
 * line. Empty lines are skipped.
 */
export interface TextFile {
  readonly path: string;
  readonly sha256: string;
  readonly sentences: readonly Tokens[];
}

export interface TextScoring {
  readonly metrics: readonly TextMetric[];
  readonly generated: TextFile;
  /** Real text for the language models, the vocabulary and the references of BLEU. */
  readonly reference?: TextFile | undefined;
  /** More real text, for the floor of the forward perplexity and for the reverse perplexity. */
  readonly heldOut?: TextFile | undefined;
  readonly seed: number;
  /**
   * Folder for the run of each language model, `forward` or `reverse`. Default: temporary folders.
   */
  readonly modelFolder?: ((name: string) => string) | undefined;
  readonly onProgress?: OnProgress | undefined;
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

/**
 * Reads a text file.
 *
 * @throws ValidationError when it cannot be read, holds no words, or is encoded neither in UTF-8
 *   nor in UTF-16
 */
export async function readText(path: string): Promise<TextFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new ValidationError(`${path} cannot be read (${messageOf(error)}).`, { cause: error });
  });
  const sentences = linesOf(decodeText(bytes, path)).map(wordsOf);
  const filled = sentences.filter((words) => words.length > 0);
  if (filled.length === 0) throw new ValidationError(`${path} holds no words; expected a sentence a line.`);
  return { path, sha256: await sha256(bytes), sentences: filled };
}

/**
 * Computes the scores. The same seed gives the same scores.
 *
 * @throws ValidationError before any language model is trained, for metrics without a reference and
 *   texts that cannot be scored
 */
export async function textScores(scoring: TextScoring): Promise<TextScores> {
  const { metrics, generated, reference, heldOut, seed, modelFolder, onProgress } = scoring;
  const real = (): TextFile => {
    return reference ?? fail("fppl, rppl or bleu has no reference", "real text", "give a reference");
  };
  const asked = (metric: TextMetric): boolean => metrics.includes(metric);
  if (asked("bleu")) real();
  if (asked("self-bleu") && generated.sentences.length < 2)
    throw new ValidationError(`${generated.path} holds one sentence; self-bleu compares at least 2.`);
  const vocabulary = asked("fppl") || asked("rppl") ? vocabularyIn(real()) : undefined;
  if (vocabulary !== undefined)
    for (const { path, sentences } of [generated, real(), ...(heldOut ? [heldOut] : [])])
      assertScorableText(path, sentences, vocabulary);
  const training = (name: string): LanguageModelTraining => ({
    ...{ vocabulary: vocabulary!, seed },
    ...(modelFolder === undefined ? {} : { folder: modelFolder(name) }),
    onProgress: ({ iteration, iterations }) =>
      onProgress?.({ what: `learning the ${name} language model`, done: iteration, of: iterations }),
  });
  const texts = { generated: generated.sentences, heldOut: heldOut?.sentences };
  const fppl = asked("fppl")
    ? await forwardPerplexity({ ...texts, real: real().sentences }, training("forward"))
    : undefined;
  const rppl = asked("rppl")
    ? await reversePerplexity({ ...texts, real: texts.heldOut ?? real().sentences }, training("reverse"))
    : undefined;
  if (asked("bleu") || asked("self-bleu")) onProgress?.({ what: "counting n-grams" });
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
    throw error instanceof ValidationError ? new ValidationError(`${path}: ${error.message}`) : error;
  }
}

const nameOf = ({ path, sha256: hash }: TextFile) => ({ path, sha256: hash });
