/**
 * The inner loop of covariances, factorisations and products of large matrices.
 *
 * It computes inner products of packed rows, 4 x 4 at a time, in WebAssembly (tiles.wat), or bit by
 * bit the same and several times as slow in JavaScript where WebAssembly with vectors cannot be
 * loaded.
 */
import { lazyWebAssembly } from "@ergodic/tensor";
import { tilesBinary } from "./tiles-binary.js";

/** Length of a packed row. */
export const DEPTH = 64;
/** Rows in a tile. */
const TILE = 4;
/** Rows of a block, which fills the memory of tiles.wat. */
const SIDE = 256;

export const shape = { depth: DEPTH, tile: TILE, side: SIDE } as const;

/** A block of sums, and the packed rows that are multiplied into it. */
export interface Tiles {
  readonly depth: number;
  readonly tile: number;
  readonly side: number;
  /** `[side, depth]` */
  readonly left: Float64Array;
  /** `[side, depth]` */
  readonly right: Float64Array;
  /** `[side, side]` */
  readonly sums: Float64Array;
  /** Takes the first `count` tiles of `right` for the following products. */
  interleave(count: number): void;
  /** `sums[i, j] += <left row i, right row j>` for a tile of rows i and tiles `first..count - 1`. */
  products(row: number, first: number, count: number): void;
}

export interface TilesExports extends Pick<Tiles, "interleave" | "products"> {
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** Views of the memory of tiles.wat. Threads run it too: it uses nothing but its arguments. */
export const tilesOf = (
  { memory: { buffer }, interleave, products }: TilesExports,
  { depth, tile, side }: typeof shape,
): Tiles => ({
  depth,
  tile,
  side,
  left: new Float64Array(buffer, 8 * tile * depth, side * depth),
  right: new Float64Array(buffer, 8 * (tile + side) * depth, side * depth),
  sums: new Float64Array(buffer, 8 * (tile + 3 * side) * depth, side * side),
  interleave,
  products,
});

/** The tiles in WebAssembly, where it can be loaded. */
export const compiledTiles = lazyWebAssembly(tilesBinary, (exports: TilesExports) => tilesOf(exports, shape));

let plain: Tiles | undefined;

/** The tiles of this thread. */
export const ownTiles = (): Tiles => compiledTiles() ?? (plain ??= plainTiles());

function plainTiles(): Tiles {
  const left = new Float64Array(SIDE * DEPTH);
  const right = new Float64Array(SIDE * DEPTH);
  const sums = new Float64Array(SIDE * SIDE);
  return {
    ...shape,
    left,
    right,
    sums,
    interleave: () => {},
    products: (row, first, count) => {
      for (let j = first; j < count; j++)
        addInnerProducts(left, row * TILE * DEPTH, right, j * TILE * DEPTH, sums, TILE * (row * SIDE + j), SIDE);
    },
  };
}

/**
 * Adds 4 x 4 inner products: `target[at + i stride + j] += <left row i, right row j>` for `i, j` in
 * 0..3.
 *
 * Row `i` of a packed array holds `DEPTH` numbers from `offset + i DEPTH` on.
 */
function addInnerProducts(
  left: Float64Array,
  a: number,
  right: Float64Array,
  b: number,
  target: Float64Array,
  at: number,
  stride: number,
): void {
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0;
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0;
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0;
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0;
  for (let k = 0; k < DEPTH; k++) {
    const x0 = left[a + k]!,
      x1 = left[a + k + DEPTH]!,
      x2 = left[a + k + 2 * DEPTH]!,
      x3 = left[a + k + 3 * DEPTH]!;
    const y0 = right[b + k]!,
      y1 = right[b + k + DEPTH]!,
      y2 = right[b + k + 2 * DEPTH]!,
      y3 = right[b + k + 3 * DEPTH]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  target[at]! += s00;
  target[at + 1]! += s01;
  target[at + 2]! += s02;
  target[at + 3]! += s03;
  at += stride;
  target[at]! += s10;
  target[at + 1]! += s11;
  target[at + 2]! += s12;
  target[at + 3]! += s13;
  at += stride;
  target[at]! += s20;
  target[at + 1]! += s21;
  target[at + 2]! += s22;
  target[at + 3]! += s23;
  at += stride;
  target[at]! += s30;
  target[at + 1]! += s31;
  target[at + 2]! += s32;
  target[at + 3]! += s33;
}
