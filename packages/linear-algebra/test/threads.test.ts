import { spawnSync } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type DenseMatrix,
  pivotedCholesky,
  productsByRows,
  rowProducts,
  ScatterSum,
  sharedZeros,
  useThreads,
} from "../src/index.js";
import { beginProducts } from "../src/large/products.js";
import { uniforms } from "./uniforms.js";

const matrix = (
  rows: number,
  columns: number,
  seed: number,
  values: Float64Array = new Float64Array(rows * columns),
): DenseMatrix => {
  uniforms(seed, rows * columns).forEach((u, at) => (values[at] = u - 0.5));
  return { rows, columns, values };
};

/** Equal bits. `toEqual` is slow for a million numbers. */
const same = (a: Float64Array, b: Float64Array) => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

afterEach(() => {
  useThreads(1);
  vi.unstubAllGlobals();
});

/** What `compute` gives on one thread, two and three. */
const onThreads = <T>(compute: () => T): T[] =>
  [1, 2, 3].map((count) => {
    useThreads(count);
    return compute();
  });

describe("large products have one set of bits on any number of threads", () => {
  it("A B^T and A A^T, of ordinary and of shared memory", () => {
    const [a, b] = [matrix(700, 300, 1), matrix(530, 300, 2)];
    const c = matrix(530, 300, 2, sharedZeros(530 * 300));
    const [alone, ...helped] = onThreads(() => [rowProducts(a, b), rowProducts(a, c), rowProducts(a, a)]);
    for (const products of helped)
      for (const i of [0, 1, 2]) expect(same(products[i]!.values, alone![i]!.values)).toBe(true);
    expect(same(alone![0]!.values, alone![1]!.values)).toBe(true);
    expect(alone![0]!.values.buffer).toBeInstanceOf(ArrayBuffer);
    let sum = 0;
    for (let k = 0; k < 300; k++) sum += a.values[699 * 300 + k]! * b.values[529 * 300 + k]!;
    expect(alone![0]!.values[699 * 530 + 529]).toBeCloseTo(sum, 12);
    expect(alone![2]!.values[1]).toBe(alone![2]!.values[700]);
  });

  it("rows that come one group after the other", () => {
    const [a, b] = [matrix(600, 290, 3), matrix(520, 290, 4)];
    const [whole, half] = [rowProducts(a, b).values, rowProducts(a, a).values];
    for (const [rows, triangle] of onThreads(() => [gathered(a, b, 0), gathered(a, a, 1)] as const)) {
      expect(same(rows, whole)).toBe(true);
      expect(
        same(
          triangle,
          half.map((value, at) => (at % 600 < Math.floor(at / 600) ? 0 : value)),
        ),
      ).toBe(true);
    }
  });

  it("sums of outer products and factors", () => {
    const x = matrix(700, 520, 5);
    const [alone, ...helped] = onThreads(() => {
      const sum = new ScatterSum(520, new Float64Array(520).fill(0.1));
      sum.add(x.values, 0, 700);
      const upper = sum.upper();
      return [upper, pivotedCholesky(upper, 520).factor.values] as const;
    });
    for (const [upper, factor] of helped) {
      expect(same(upper, alone![0])).toBe(true);
      expect(same(factor, alone![1])).toBe(true);
    }
  });
});

/** All rows of a product, with zeros in the first `below * i` columns of row i. */
function gathered(a: DenseMatrix, b: DenseMatrix, below: number): Float64Array {
  const out = new Float64Array(a.rows * b.rows);
  for (const { from, products } of productsByRows(a, b))
    for (let i = 0; i < products.rows; i++) {
      const skipped = below * (from + i);
      out.set(products.values.subarray(i * b.rows + skipped, (i + 1) * b.rows), (from + i) * b.rows + skipped);
    }
  return out;
}

it("a helper computes while the caller does something else", async () => {
  useThreads(2);
  const a = matrix(256, 300, 6, sharedZeros(256 * 300));
  const b = matrix(256, 300, 7, sharedZeros(256 * 300));
  const values = sharedZeros(256 * 256);
  const finish = beginProducts(a, b, { values, at: 0, stride: 256 }, false);
  while (values.at(-1) === 0) await setTimeout(5);
  finish();
  useThreads(1);
  expect(same(values.slice(), rowProducts(a, b).values)).toBe(true);
});

it("a page computes alone, without shared memory", () => {
  useThreads(2);
  vi.stubGlobal("document", {});
  expect(sharedZeros(1).buffer).toBeInstanceOf(ArrayBuffer);
  const [a, b] = [matrix(260, 300, 8), matrix(260, 300, 9)];
  const alone = rowProducts(a, b).values;
  vi.unstubAllGlobals();
  expect(same(rowProducts(a, b).values, alone)).toBe(true);
});

it("the number of threads is a positive integer", () => {
  expect(() => useThreads(0)).toThrow("count");
});

it("threads run in a minified bundle, and let the process end", async () => {
  const code = `
    import { rowProducts, useThreads } from ${JSON.stringify(fileURLToPath(new URL("../src/index.ts", import.meta.url)))};
    import { Worker } from "node:worker_threads";
    const started = [];
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (job) {
      started.push(this);
      return postMessage.call(this, job);
    };
    const square = { rows: 700, columns: 400, values: Float64Array.from({ length: 280000 }, (_, at) => at % 7) };
    useThreads(2);
    const helped = rowProducts(square, square).values;
    const failure = await new Promise((resolve) => {
      started[0].once("error", resolve);
      setTimeout(resolve, 500, "");
    });
    useThreads(1);
    const alone = rowProducts(square, square).values;
    console.log(JSON.stringify([started.length, String(failure), helped.every((value, at) => value === alone[at])]));`;
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
    tsconfig: fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url)),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    format: "esm",
    write: false,
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' },
  });
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module"], {
    input: outputFiles[0]!.text,
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([1, "", true]);
  expect(status).toBe(0);
});
