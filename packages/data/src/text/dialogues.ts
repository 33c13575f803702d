/** Dialogues in files, one in each line, and their utterances as replies to those before them. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { wholeFile } from "../files.js";
import { decodeText, linesOf } from "./encoding.js";

/** The end of an utterance in a file. */
const END = "__eou__";

/** What the first utterance of a dialogue replies to. */
const START: readonly string[] = ["<d>"];

/** An utterance of a dialogue. */
export interface Utterance {
  readonly words: readonly string[];
  /** Its class, a whole number, if the file of classes is given. */
  readonly label?: number;
}

/** The utterances of a dialogue, in order. */
export type Dialogue = readonly Utterance[];

/** Replies with the turns before each, the oldest first. */
export interface Replies {
  readonly sentences: readonly (readonly string[])[];
  readonly contexts: readonly (readonly (readonly string[])[])[];
  /** Present if all utterances have labels. */
  readonly labels?: Int32Array;
}

export interface DialogueOptions {
  /**
   * A file with a line for each dialogue: a whole number for each utterance, such as its act.
   * Default: there are no labels.
   */
  readonly labels?: string;
}

/**
 * Reads dialogues, one in each line, whose utterances end with `__eou__`, as DailyDialog has them.
 *
 * Words are in lower case: runs of letters, digits and `_`, runs of other characters without white
 * space, and `<sil>`. Utterances without words are left out, with their labels.
 *
 * Li et al., "DailyDialog: A Manually Labelled Multi-turn Dialogue Dataset", arXiv 1710.03957.
 *
 * @throws ValidationError when a file cannot be read or has no dialogue, for an utterance without
 *   its end, and for labels of another number or form
 */
export async function readDialogues(path: string, { labels }: DialogueOptions = {}): Promise<readonly Dialogue[]> {
  const lines = await filledLines(path);
  const classes = labels === undefined ? undefined : await filledLines(labels);
  if (lines.length === 0) fail(`${path} has no dialogues`, "at least one", "check the file");
  if (classes !== undefined && classes.length !== lines.length)
    fail(`${labels} has ${classes.length} lines of labels`, `${lines.length}, one for each dialogue of ${path}`);
  return lines.map((line, i) => {
    const where = `dialogue ${i + 1} of ${path}`;
    const parts = line.split(END);
    if (parts.pop()!.trim() !== "") fail(`${where} does not end with ${END}`, `${END} after each utterance`);
    const own = classes && labelsIn(classes[i]!, `line ${i + 1} of ${labels}`);
    if (own && own.length !== parts.length)
      fail(`${where} has ${parts.length} utterances and ${own.length} labels`, "a label for each utterance");
    return parts
      .map((part, k) => ({ words: wordsOfSpeech(part), ...(own && { label: own[k]! }) }))
      .filter(({ words }) => words.length > 0);
  });
}

const filledLines = async (path: string): Promise<string[]> =>
  linesOf(decodeText(await wholeFile(path, "a text file"), path)).filter((line) => line.trim() !== "");

const labelsIn = (line: string, where: string): number[] =>
  line
    .trim()
    .split(/\s+/)
    .map((word) => {
      if (!/^\d+$/.test(word)) fail(`${where} has "${word}"`, "whole numbers separated by spaces");
      return Number(word);
    });

const wordsOfSpeech = (text: string): string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}_]+|<sil>|[^\p{L}\p{N}_\s]+/gu) ?? [];

/**
 * Every utterance as a reply to at most `turns` turns before it. The first replies to `<d>`.
 *
 * @throws ValidationError for a number of turns that is no positive integer
 */
export function repliesOf(dialogues: readonly Dialogue[], turns = 5): Replies {
  assertPositiveInteger({ turns });
  const replies = dialogues.flatMap((dialogue) => {
    const said = [START, ...dialogue.map(({ words }) => words)];
    return dialogue.map(({ words, label }, i) => ({
      words,
      label,
      context: said.slice(Math.max(0, i + 1 - turns), i + 1),
    }));
  });
  const known = replies.flatMap(({ label }) => (label === undefined ? [] : [label]));
  return {
    sentences: replies.map(({ words }) => words),
    contexts: replies.map(({ context }) => context),
    ...(known.length === replies.length && { labels: Int32Array.from(known) }),
  };
}
