/**
 * Inner products of all rows of one panel with all rows of another. A panel is packed rows.
 *
 * Tiles are computed in WebAssembly (tiles.wat), bit by bit as in JavaScript and several times as
 * fast, or in JavaScript where WebAssembly with vectors cannot be loaded.
 */
import { lazyWebAssembly } from "@ergodic/tensor";
import { tilesBinary } from "./tiles-binary.js";
import { addInnerProducts, DEPTH, TILE } from "./tiles.js";

/** Rows of the right panel that fit the memory of tiles.wat. */
const CHUNK = 256;

/** The functions of tiles.wat, and views of its memory. */
type Tiles = {
  readonly left: Float64Array;
  readonly sums: Float64Array;
  readonly rows: Float64Array;
  readonly interleave: (tiles: number) => void;
  readonly products: (first: number, tiles: number) => void;
};

type Exports = Pick<Tiles, "interleave" | "products"> & { readonly memory: { readonly buffer: ArrayBuffer } };

const loadedTiles = lazyWebAssembly(tilesBinary, ({ memory: { buffer }, interleave, products }: Exports): Tiles => ({
  left: new Float64Array(buffer, 0, TILE * DEPTH),
  sums: new Float64Array(buffer, 4096, TILE * CHUNK),
  rows: new Float64Array(buffer, 16384, CHUNK * DEPTH),
  interleave,
  products,
}));

/** Where the product of the first rows goes, and the distance of its rows. */
export interface Target {
  readonly values: Float64Array;
  readonly at: number;
  readonly stride: number;
}

/**
 * `target[i, j] += <row i of left, row j of right>`, a whole number of tiles in both directions.
 *
 * Tiles of `left` that are all zero cost nothing.
 *
 * @param upper whether tiles below the diagonal are left out
 */
export function addPanelProducts(left: Float64Array, right: Float64Array, target: Target, upper: boolean): void {
  const tiles = loadedTiles();
  const tops: number[] = [];
  for (let i = 0; i < left.length / DEPTH; i += TILE) if (!isZero(left, i * DEPTH, (i + TILE) * DEPTH)) tops.push(i);
  if (tiles === undefined) addTiles(tops, left, right, target, upper);
  else addChunks(tiles, tops, left, right, target, upper);
}

function addTiles(
  tops: readonly number[],
  left: Float64Array,
  right: Float64Array,
  { values, at, stride }: Target,
  upper: boolean,
): void {
  for (const i of tops)
    for (let j = upper ? i : 0; j < right.length / DEPTH; j += TILE)
      addInnerProducts(left, i * DEPTH, right, j * DEPTH, values, at + i * stride + j, stride);
}

function addChunks(
  { left, sums, rows, interleave, products }: Tiles,
  tops: readonly number[],
  leftPanel: Float64Array,
  rightPanel: Float64Array,
  { values, at, stride }: Target,
  upper: boolean,
): void {
  for (let from = 0; from < rightPanel.length / DEPTH; from += CHUNK) {
    const count = Math.min(CHUNK, rightPanel.length / DEPTH - from);
    rows.set(rightPanel.subarray(from * DEPTH, (from + count) * DEPTH));
    interleave(count / TILE);
    for (const i of tops) {
      const first = upper ? Math.max(0, i - from) : 0;
      if (first >= count) break;
      left.set(leftPanel.subarray(i * DEPTH, (i + TILE) * DEPTH));
      products(first / TILE, count / TILE);
      for (let r = 0; r < TILE; r++) addRow(values, at + (i + r) * stride + from, sums, r * CHUNK, first, count);
    }
  }
}

/** `values[at + j] += sums[offset + j]` for first <= j < count. */
function addRow(
  values: Float64Array,
  at: number,
  sums: Float64Array,
  offset: number,
  first: number,
  count: number,
): void {
  for (let j = first; j < count; j++) values[at + j]! += sums[offset + j]!;
}

function isZero(values: Float64Array, from: number, to: number): boolean {
  for (let k = from; k < to; k++) if (values[k] !== 0) return false;
  return true;
}
