/** Sums of outer products, the expensive part of a covariance. */
import type { NumberArray } from "../assertions.js";
import { addPanelProducts } from "./panel-products.js";
import { cropped } from "./row-products.js";
import { DEPTH, paddedToTile } from "./tiles.js";

/**
 * The upper triangle of `sum (x - shift)(x - shift)^T`, over rows that arrive one after the other.
 *
 * It processes `DEPTH` rows at a time, in tiles of 4 x 4 columns.
 */
export class ScatterSum {
  private readonly padded: number;
  private readonly wide: Float64Array;
  private readonly block: Float64Array;
  private held = 0;

  constructor(
    private readonly dimensions: number,
    private readonly shift: Float64Array,
  ) {
    this.padded = paddedToTile(dimensions);
    this.wide = new Float64Array(this.padded * this.padded);
    this.block = new Float64Array(this.padded * DEPTH);
  }

  add(values: NumberArray, from: number, count: number): void {
    const { dimensions, shift, block } = this;
    for (let i = from; i < from + count; i++) {
      for (let j = 0; j < dimensions; j++) block[j * DEPTH + this.held] = values[i * dimensions + j]! - shift[j]!;
      if (++this.held === DEPTH) this.flush();
    }
  }

  /** The sum, `[dimensions, dimensions]`. The lower triangle has no meaning. */
  upper(): Float64Array {
    if (this.held > 0) this.flush();
    return cropped(this.wide, this.padded, this.dimensions, this.dimensions).slice();
  }

  private flush(): void {
    const { padded, block, wide } = this;
    addPanelProducts(block, block, { values: wide, at: 0, stride: padded }, true);
    block.fill(0);
    this.held = 0;
  }
}
