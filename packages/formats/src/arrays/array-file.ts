/** Arrays in files, read from front to back: for those that are too large to be held. */
import type { ByteReader } from "../byte-reader.js";
import type { NumberValues } from "./number-type.js";

export interface StoredArray {
  readonly shape: readonly number[];
  /** What its numbers are, for example "uint8" or "float32". */
  readonly type: string;
  /**
   * All of it in order, row-major: `rows` entries of the first axis at a time, the last time what is left.
   *
   * @throws ValidationError when the file is cut short or damaged
   */
  pieces(rows: number): AsyncIterable<NumberValues>;
}

export interface ArrayFile {
  readonly names: readonly string[];
  /** @throws ValidationError naming the arrays there are when this is none of them, or when it cannot be read */
  open(name: string): Promise<StoredArray>;
}

/** Numbers that follow one another in a stream, in pieces of whole rows. */
export async function* piecesOf(
  reader: ByteReader,
  { shape, width, read }: PieceLayout,
  rows: number,
): AsyncGenerator<NumberValues> {
  const rowBytes = shape.slice(1).reduce((product, side) => product * side, width);
  const total = shape[0] ?? 1;
  try {
    for (let from = 0; from < total; from += rows)
      yield read(await reader.read(Math.min(rows, total - from) * rowBytes));
    await reader.end();
  } finally {
    await reader.close();
  }
}

interface PieceLayout {
  readonly shape: readonly number[];
  /** Bytes of one number. */
  readonly width: number;
  read(bytes: Uint8Array<ArrayBuffer>): NumberValues;
}
