/** Remarks on the files of a folder, counted by reason, with a few of their names. */

/** The reason why a file or folder is left out. */
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

/** The part of an image that its decoded pixels lack. */
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
  /** The number of image files. */
  readonly found: number;
  /** Files that are left out, by reason. A hidden folder counts as one. */
  readonly skipped: Readonly<Partial<Record<SkipReason, Remark>>>;
  /** Images of which not everything is read, by reason. Only images read so far count. */
  readonly reduced: Readonly<Partial<Record<Reduction, Remark>>>;
}

const EXAMPLES = 3;

/** Names by reason. A name counts once per reason. */
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
