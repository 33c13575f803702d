/**
 * The independent pieces of a computation. Their results are computed here, or are read from parts
 * that other processes have written.
 */
import type { NpyArray } from "@ergodic/formats";

/** The result of a piece. */
export type Arrays = Readonly<Record<string, NpyArray>>;

export interface PieceRequest<A extends Arrays> {
  /** Unique in the computation. */
  readonly name: string;
  readonly count: number;
  /** Computes piece `index`. It depends on nothing but `index`. */
  compute(index: number): Promise<A>;
}

export interface Pieces {
  /**
   * Whether all results are at hand. A process that computes only a share of the pieces has no
   * results of the others, and makes no scores.
   */
  readonly complete: boolean;
  /** The results in order: all if `complete`, otherwise none. */
  results<A extends Arrays>(request: PieceRequest<A>): AsyncIterable<A>;
}

/** Every piece is computed by this process. */
export const allPieces: Pieces = {
  complete: true,
  async *results({ count, compute }) {
    for (let i = 0; i < count; i++) yield await compute(i);
  },
};

/** The same pieces with a prefix before their names. */
export const prefixed = (pieces: Pieces, prefix: string): Pieces => ({
  complete: pieces.complete,
  results: (request) => pieces.results({ ...request, name: `${prefix} ${request.name}` }),
});

/** A value as JSON text in bytes. */
export function jsonArray(value: unknown): NpyArray & { readonly values: Uint8Array } {
  const values = new TextEncoder().encode(JSON.stringify(value));
  return { shape: [values.length], values };
}

export const valueOfJson = <T>({ values }: NpyArray): T =>
  JSON.parse(new TextDecoder().decode(values as Uint8Array)) as T;
