import { beforeAll, describe, expect, it, vi } from "vitest";
import type * as linearAlgebra from "../src/index.js";
import * as compiled from "../src/index.js";
import { uniforms } from "./uniforms.js";

const matrix = (rows: number, columns: number, seed: number) => ({
  rows,
  columns,
  values: Float64Array.from(uniforms(seed, rows * columns), (u) => u - 0.5),
});

/** The same package where WebAssembly does not exist. */
let plain: typeof linearAlgebra;

beforeAll(async () => {
  vi.stubGlobal("WebAssembly", undefined);
  vi.resetModules();
  plain = await import("../src/index.js");
  plain.rowProducts(matrix(1, 1, 0), matrix(1, 1, 0));
  vi.unstubAllGlobals();
});

describe("products in WebAssembly have the bits of those in JavaScript", () => {
  // Rows around the 256 of a chunk and the 4 of a tile; columns around the 64 of a packed row.
  it.each([
    [1, 1, 1],
    [5, 256, 63],
    [8, 257, 64],
    [130, 300, 130],
    [3, 600, 65],
  ])("A of %d rows, B of %d, %d columns", (n, m, columns) => {
    const [a, b] = [matrix(n, columns, 1), matrix(m, columns, 2)];
    const products = compiled.rowProducts(a, b);
    expect(products).toEqual(plain.rowProducts(a, b));
    const [i, j] = [n - 1, m - 1];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += a.values[i * columns + k]! * b.values[j * columns + k]!;
    expect(products.values[i * m + j]).toBeCloseTo(sum, 12);
    expect(compiled.rowProducts(b, b)).toEqual(plain.rowProducts(b, b));
  });

  it("rows that are zero in part", () => {
    const [a, b] = [matrix(12, 200, 3), matrix(270, 200, 4)];
    for (let i = 0; i < 12; i++) a.values.fill(0, i * 200, i * 200 + 16 * i);
    expect(compiled.rowProducts(a, b)).toEqual(plain.rowProducts(a, b));
  });

  it("sums of outer products, and factors of a symmetric matrix", () => {
    const x = matrix(150, 290, 5);
    const upper = ({ ScatterSum }: typeof linearAlgebra): Float64Array => {
      const sum = new ScatterSum(290, new Float64Array(290).fill(0.1));
      sum.add(x.values, 0, 150);
      return sum.upper();
    };
    const sums = upper(compiled);
    expect(sums).toEqual(upper(plain));
    const full = sums.map((_, at) => {
      const [i, j] = [Math.floor(at / 290), at % 290];
      return sums[Math.min(i, j) * 290 + Math.max(i, j)]!;
    });
    expect(compiled.pivotedCholesky(full, 290)).toEqual(plain.pivotedCholesky(full, 290));
  });
});
