/** What became of the files of a folder, counted by reason, with a few of their names. */

/** Why something in a folder is left out. */
export type SkipReason =
  | "hidden"
  | "left by a system"
  | "folders named like images"
  | "links to nothing"
  | "links to what is read already"
  | "links back to a folder around them"
  | "no ordinary files"
  | "images of a kind that is not read"
  | "other files";

/** What of an image is not in the pixels that are read. */
export type Reduction =
  | "first picture of several"
  | "transparency dropped"
  | "16 bits cut to 8"
  | "not turned as its tag says"
  | "colours may differ from other AVIF decoders";

export interface Remark {
  readonly count: number;
  /** Paths within the folder, with `/`. */
  readonly examples: readonly string[];
}

/** The files of a folder. */
export interface FileReport {
  /** Image files there are. */
  readonly found: number;
  /** By reason; a hidden folder counts as one. */
  readonly skipped: Readonly<Partial<Record<SkipReason, Remark>>>;
  /** Of the images read so far. */
  readonly reduced: Readonly<Partial<Record<Reduction, Remark>>>;
}

const EXAMPLES = 3;

/** Names by reason, each counted once. */
export interface Remarks<Reason extends string> {
  add(reason: Reason, name: string): void;
  report(): Readonly<Partial<Record<Reason, Remark>>>;
}

export function remarks<Reason extends string>(): Remarks<Reason> {
  const names = new Map<Reason, Set<string>>();
  return {
    add(reason, name) {
      names.set(reason, (names.get(reason) ?? new Set()).add(name));
    },
    report() {
      const counted: Partial<Record<Reason, Remark>> = {};
      for (const [reason, found] of names)
        counted[reason] = { count: found.size, examples: [...found].slice(0, EXAMPLES) };
      return counted;
    },
  };
}
