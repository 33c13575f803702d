/** Arrays in files that are too large for memory, read from front to back. */
import type { ByteReader } from "../byte-reader.js";
import type { NumberValues } from "./number-type.js";

export interface StoredArray {
  readonly shape: readonly number[];
  /** The type of its numbers, for example "uint8" or "float32". */
  readonly type: string;
  /**
   * All numbers in order, row-major, in pieces of `rows` entries of the first axis. The last piece
   * holds the rest.
   *
   * @throws ValidationError when the file is cut short or damaged
   */
  pieces(rows: number): AsyncIterable<NumberValues>;
}

export interface ArrayFile {
  readonly names: readonly string[];
  /**
   * Opens one array.
   *
   * @throws ValidationError naming the existing arrays when there is none of this name, or when it
   * cannot be read
   */
  open(name: string): Promise<StoredArray>;
}

/** Reads the numbers of a stream in pieces of whole rows. */
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
