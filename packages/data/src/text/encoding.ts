/** Text in files: the encodings that are read, and the ends of lines. */
import { fail } from "@ergodic/tensor";

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/**
 * Byte order marks, the longer ones first. The encoding is undefined when it is known and not read.
 */
const marks: readonly (readonly [bytes: readonly number[], name: string, encoding: Encoding | undefined])[] = [
  [[0xff, 0xfe, 0, 0], "UTF-32", undefined],
  [[0, 0, 0xfe, 0xff], "UTF-32", undefined],
  [[0xef, 0xbb, 0xbf], "UTF-8", "utf-8"],
  [[0xff, 0xfe], "UTF-16", "utf-16le"],
  [[0xfe, 0xff], "UTF-16", "utf-16be"],
];

/**
 * Decodes the text of a file.
 *
 * The encoding is UTF-8, or UTF-16 of either byte order with a byte order mark. The mark is no part
 * of the text.
 *
 * @param file the name to use in messages
 * @throws ValidationError naming the file for other encodings (bytes that are no UTF-8, an odd half
 * of UTF-16, zeros)
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const remedy = "save it as UTF-8";
  const mark = marks.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  const [start, name, encoding] = mark ?? [[], "UTF-8", "utf-8"];
  if (encoding === undefined) return fail(`${file} is text in ${name}`, "UTF-8 or UTF-16", remedy);
  const body = bytes.subarray(start.length);
  let text: string;
  try {
    text = decoded(encoding === "utf-16be" ? swapped(body) : body, encoding === "utf-8" ? encoding : "utf-16le");
  } catch {
    const where = encoding === "utf-8" ? ` at byte ${start.length + firstInvalid(body)}` : "";
    return fail(`${file} is no ${name}${where}`, "text in UTF-8, or in UTF-16 with a byte order mark", remedy);
  }
  const zero = text.indexOf("\0");
  if (zero >= 0)
    fail(
      `${file} has the character zero in line ${linesOf(text.slice(0, zero)).length}`,
      "text in UTF-8, or in UTF-16 with a byte order mark",
      `if it is UTF-16 without its mark, ${remedy}`,
    );
  return text;
}

const decoded = (bytes: Uint8Array, encoding: string): string =>
  new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);

function swapped(bytes: Uint8Array): Uint8Array {
  return bytes.map((_, i) => bytes[i ^ 1] ?? bytes[i]!);
}

/** The place where bytes stop being UTF-8. A tolerant decoder writes another character there. */
function firstInvalid(bytes: Uint8Array): number {
  const forgiven = new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  return bytes.findIndex((byte, i) => byte !== forgiven[i]);
}

/**
 * The lines of a text.
 *
 * A line ends at a line feed, at a carriage return, or at both in this order, as in Python's text
 * files. Other separators of Unicode (U+2028, form feeds) are characters of a line.
 */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** The words of a line, separated by white space. */
export function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== "");
}
