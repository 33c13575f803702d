/** Sums of outer products, the expensive part of a covariance. */
import { sharedZeros } from "@ergodic/tensor";
import type { NumberArray } from "../assertions.js";
import { addProducts } from "./products.js";
import { DEPTH } from "./tiles.js";

/** Rows that are multiplied at a time. */
const ROWS = 4 * DEPTH;

/** The upper triangle of `sum (x - shift)(x - shift)^T`, over rows that arrive one after the other. */
export class ScatterSum {
  private readonly sum: Float64Array;
  /** The rows as columns. */
  private readonly block: Float64Array;
  private held = 0;

  constructor(
    private readonly dimensions: number,
    private readonly shift: Float64Array,
  ) {
    this.sum = sharedZeros(dimensions * dimensions);
    this.block = sharedZeros(dimensions * ROWS);
  }

  add(values: NumberArray, from: number, count: number): void {
    const { dimensions, shift, block } = this;
    for (let i = from; i < from + count; i++) {
      for (let j = 0; j < dimensions; j++) block[j * ROWS + this.held] = values[i * dimensions + j]! - shift[j]!;
      if (++this.held === ROWS) this.flush();
    }
  }

  /** The sum, `[dimensions, dimensions]`. The lower triangle has no meaning. */
  upper(): Float64Array {
    if (this.held > 0) this.flush();
    return this.sum.slice();
  }

  private flush(): void {
    const block = { rows: this.dimensions, columns: ROWS, values: this.block };
    addProducts(block, block, { values: this.sum, at: 0, stride: this.dimensions }, true);
    this.block.fill(0);
    this.held = 0;
  }
}
