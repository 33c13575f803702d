/**
 * Texts that papers on models of sentences report, in files that users download themselves.
 *
 * - Penn Treebank with 10,000 words: Mikolov et al., "Recurrent neural network based language
 *   model" (2010).
 * - Premises and hypotheses of SNLI: Bowman et al., "A large annotated corpus for learning natural
 *   language inference", arXiv 1508.05326, read as in "Adversarially Regularized Autoencoders",
 *   arXiv 1706.04223.
 * - Answers of Yahoo: Yang et al., "Improved Variational Autoencoders for Text Modeling using
 *   Dilated Convolutions", arXiv 1702.08139.
 */
import { assertOneOf, fail } from "@ergodic/tensor";
import { wholeFile } from "../files.js";
import { assertFrom, requiredFile, type Origin } from "../required-file.js";
import type { TextSplit } from "./corpus.js";
import { decodeText, linesOf, wordsOf } from "./encoding.js";

export type PublishedText = "ptb" | "snli" | "yahoo";

interface Form extends Origin {
  fileOf(split: TextSplit): string;
  sentencesOf(text: string, path: string): readonly (readonly string[])[];
}

const lines = (text: string): string[][] => linesOf(text).map(wordsOf);

const forms: Readonly<Record<PublishedText, Form>> = {
  ptb: {
    dataset: "the Penn Treebank in 10,000 words",
    url: "http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",
    within: "simple-examples/data",
    fileOf: (split) => `ptb.${split}.txt`,
    sentencesOf: lines,
  },
  snli: {
    dataset: "SNLI",
    url: "https://nlp.stanford.edu/projects/snli/snli_1.0.zip",
    within: "snli_1.0",
    fileOf: (split) => `snli_1.0_${split}.jsonl`,
    sentencesOf: pairsOf,
  },
  yahoo: {
    dataset: "the Yahoo answers of arXiv 1702.08139",
    url: "https://github.com/harvardnlp/sa-vae",
    within: "data/yahoo",
    fileOf: (split) => `${split}.txt`,
    sentencesOf: lines,
  },
};

export interface PublishedTextOptions {
  /** The folder with the files, or the one that the archive was unpacked into. */
  readonly from: string;
  readonly split: TextSplit;
}

/**
 * The sentences of a split.
 *
 * Lines of `ptb.train.txt` and Yahoo's `train.txt` hold a text of words between spaces each. Of
 * `snli_1.0_train.jsonl` it takes the words of the parses in lower case: each premise once, and all
 * hypotheses.
 *
 * @throws ValidationError that names the file and its address when it is missing, or has another
 *   form
 */
export async function readPublishedText(
  name: PublishedText,
  { from, split }: PublishedTextOptions,
): Promise<readonly (readonly string[])[]> {
  assertOneOf({ name }, ["ptb", "snli", "yahoo"]);
  assertOneOf({ split }, ["train", "test"]);
  const form = forms[name];
  assertFrom(from, form);
  const path = await requiredFile(from, [form.fileOf(split)], form);
  const text = decodeText(await wholeFile(path, "a text file"), path);
  const sentences = form.sentencesOf(text, path).filter(({ length }) => length > 0);
  if (sentences.length === 0) fail(`${path} has no sentences`, `the ${split} split of ${form.dataset}`);
  return sentences;
}

function pairsOf(text: string, path: string): readonly (readonly string[])[] {
  let premise = "";
  return linesOf(text).flatMap((line, i) => {
    if (line.trim() === "") return [];
    const [first, second] = parsesOf(line, `line ${i + 1} of ${path}`);
    const repeated = first === premise;
    premise = first;
    return (repeated ? [second] : [first, second]).map(leavesOf);
  });
}

/** The words of a parse such as `( ( a dog ) runs )`. */
const leavesOf = (parse: string): string[] =>
  wordsOf(parse.toLowerCase()).filter((word) => word !== "(" && word !== ")");

function parsesOf(line: string, where: string): readonly [string, string] {
  let value: { readonly sentence1_binary_parse?: unknown; readonly sentence2_binary_parse?: unknown } | undefined;
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    value = undefined;
  }
  const [first, second] = [value?.sentence1_binary_parse, value?.sentence2_binary_parse];
  if (typeof first !== "string" || typeof second !== "string")
    return fail(`${where} has no parses`, "an object with sentence1_binary_parse and sentence2_binary_parse");
  return [first, second];
}
