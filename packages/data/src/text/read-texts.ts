/** Texts in files, with one sentence in each line, with or without labels. */
import { assertOneOf, fail } from "@ergodic/tensor";
import { wholeFile } from "../files.js";
import { labelsOf } from "../labels.js";
import { decodeText, linesOf, wordsOf } from "./encoding.js";

/**
 * The form of a line.
 *
 * - "lines": the words of a sentence, separated by white space.
 * - "tsv": a label, a tab, the words.
 * - "jsonl": objects `{ "text": "the words", "label": "optional" }`; labels are texts or numbers.
 */
export type TextForm = "lines" | "tsv" | "jsonl";

export interface Texts {
  /** The words of each sentence. Lines without words are left out. */
  readonly sentences: readonly (readonly string[])[];
  /** The class of each sentence, if the file has labels. */
  readonly labels?: Int32Array;
  /** Names of the classes, sorted. */
  readonly classes?: readonly string[];
}

interface Line {
  readonly words: readonly string[];
  readonly label?: string;
}

/**
 * Reads the sentences of a text file in UTF-8 or UTF-16.
 *
 * @param form default: by the name of the file, "tsv" and "jsonl" for these endings, "lines" for
 * all others
 * @throws ValidationError when the file cannot be read, is no text, or has no sentence, or a line
 * has another form
 */
export async function readTexts(path: string, form: TextForm = formOf(path)): Promise<Texts> {
  assertOneOf({ form }, ["lines", "tsv", "jsonl"]);
  const text = decodeText(await wholeFile(path, "a text file"), path);
  const lines = linesOf(text)
    .map((line, i) => ({ line, where: `line ${i + 1} of ${path}` }))
    .filter(({ line }) => line.trim() !== "")
    .map(({ line, where }) => parsers[form](line, where))
    .filter(({ words }) => words.length > 0);
  if (lines.length === 0) fail(`${path} has no sentences`, "at least one", "check the file");
  const sentences = lines.map(({ words }) => words);
  const labelled = lines.flatMap(({ label }) => (label === undefined ? [] : [label]));
  if (labelled.length === 0) return { sentences };
  if (labelled.length < lines.length)
    fail(`${path} has ${lines.length} sentences and ${labelled.length} labels`, "a label in every line, or in none");
  return { sentences, ...labelsOf(labelled) };
}

const formOf = (path: string): TextForm => {
  const ending = /\.(tsv|jsonl)$/i.exec(path)?.[1]?.toLowerCase();
  return ending === undefined ? "lines" : (ending as TextForm);
};

const parsers: Readonly<Record<TextForm, (line: string, where: string) => Line>> = {
  lines: (line) => ({ words: wordsOf(line) }),
  tsv(line, where) {
    const tab = line.indexOf("\t");
    if (tab <= 0) fail(`${where} has ${tab < 0 ? "no tab" : "no label"}`, "a label, a tab, and the words");
    return { label: line.slice(0, tab).trim(), words: wordsOf(line.slice(tab + 1)) };
  },
  jsonl(line, where) {
    const { text, label } = objectOf(line, where);
    if (typeof text !== "string") fail(`${where} has no text`, 'an object with "text", and perhaps "label"');
    if (label !== undefined && typeof label !== "string" && typeof label !== "number")
      fail(`the label in ${where} is neither text nor number`, "one of them");
    return { words: wordsOf(text), ...(label === undefined ? {} : { label: String(label) }) };
  },
};

function objectOf(line: string, where: string): { readonly text?: unknown; readonly label?: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null) return fail(`${where} is no JSON object`, "one in every line");
  return value;
}
