/** Products in float64 of the engine `onnx`, against those of the host. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ensureEngine, useEngine } from "@ergodic/engine";
import { rowProducts, type DenseMatrix } from "@ergodic/linear-algebra";
import { random } from "@ergodic/tensor";
import { provenRowProduct, type NativeBinding } from "../src/onnx/row-product.js";

const key = random.key("row-product");

function matrix(rows: number, columns: number, i: number, memory?: SharedArrayBuffer): DenseMatrix {
  const values = memory === undefined ? new Float64Array(rows * columns) : new Float64Array(memory);
  values.set(random.host.normal(random.fold(key, i), rows * columns));
  return { rows, columns, values };
}

/** The largest difference, relative to the lengths of the rows that are multiplied. */
function error(a: DenseMatrix, b: DenseMatrix, { values }: DenseMatrix): number {
  const lengths = [a, b].map(({ rows, columns, values }) =>
    Array.from({ length: rows }, (_, i) => Math.hypot(...values.subarray(i * columns, (i + 1) * columns))),
  );
  return rowProducts(a, b).values.reduce((most, wanted, at) => {
    const scale = lengths[0]![Math.floor(at / b.rows)]! * lengths[1]![at % b.rows]!;
    return Math.max(most, Math.abs(values[at]! - wanted) / scale);
  }, 0);
}

const onX64 = process.arch === "x64";

describe("the product of rows", () => {
  it("is there on the processors for which the runtime has a fast one", async () => {
    expect((await useEngine("onnx")).rowProduct !== undefined).toBe(onX64);
    expect((await useEngine("cpu")).rowProduct).toBeUndefined();
    const { rowProduct } = await useEngine("onnx");
    expect((await ensureEngine()).rowProduct).toBe(rowProduct);
  });

  it.each([
    [1, 1, 1],
    [3, 700, 65],
    [512, 512, 100],
    [513, 1, 7],
    [1100, 530, 129],
  ])("of %d and %d rows of %d numbers is that of the host but for rounding", async (rows, others, columns) => {
    const product = (await useEngine("onnx")).rowProduct ?? rowProducts;
    const [a, b] = [matrix(rows, columns, 0), matrix(others, columns, 1)];
    const made = product(a, b);
    expect([made.rows, made.columns, made.values.length]).toEqual([rows, others, rows * others]);
    expect(error(a, b, made)).toBeLessThan(1e-15 * Math.sqrt(columns) * 4);
  });

  it("reads shared memory and parts of larger memory", async () => {
    const product = (await useEngine("onnx")).rowProduct ?? rowProducts;
    const [a, b] = [matrix(520, 33, 2), matrix(600, 33, 3)];
    const shared = matrix(600, 33, 3, new SharedArrayBuffer(8 * 600 * 33));
    const whole = product(a, b).values;
    expect(Buffer.from(product(a, shared).values.buffer).equals(Buffer.from(whole.buffer))).toBe(true);
    const part = { rows: 100, columns: 33, values: b.values.subarray(33 * 50, 33 * 150) };
    const errors = product(a, part).values.map(
      (value, at) => value - whole[Math.floor(at / 100) * 600 + 50 + (at % 100)]!,
    );
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-12);
  });

  it("of a pair of rows has the same bits in any place, and in either order", async () => {
    const product = (await useEngine("onnx")).rowProduct ?? rowProducts;
    const columns = 700;
    const row = matrix(1, columns, 10).values;
    const other = matrix(1, columns, 11).values;
    const found = new Set<number>();
    for (const [rows, others] of [
      [1, 1],
      [3, 33],
      [520, 545],
      [1030, 7],
      [70, 600],
    ] as const) {
      const [a, b] = [matrix(rows, columns, 12), matrix(others, columns, 13)];
      const [i, j] = [rows - 1, others - 1];
      a.values.set(row, i * columns);
      b.values.set(other, j * columns);
      found.add(product(a, b).values.at(-1)!);
      found.add(product(b, a).values.at(-1)!);
      a.values.set(row);
      b.values.set(other);
      found.add(product(a, b).values[0]!);
    }
    expect(found.size).toBe(1);
  });

  it("has one set of bits on any number of threads", async () => {
    const pairs = [
      [matrix(600, 300, 4), matrix(1100, 300, 5)],
      [matrix(16, 300, 6), matrix(42, 300, 7)],
      [matrix(256, 700, 8), matrix(257, 700, 9)],
    ] as const;
    const digests = new Set<string>();
    for (const threads of [1, 2, 3, 16]) {
      const product = (await useEngine("onnx", { threads })).rowProduct ?? rowProducts;
      const hash = createHash("sha256");
      for (const [a, b] of pairs) hash.update(new Uint8Array(product(a, b).values.buffer));
      digests.add(hash.digest("hex"));
    }
    expect(digests.size).toBe(1);
  });
});

describe("without a proof there is no product", () => {
  const runtime = { Tensor: class {} as never };
  const session = (run: () => unknown) =>
    class {
      loadModel(): void {}
      run(): unknown {
        return run();
      }
    };
  const proven = (run: () => unknown) =>
    provenRowProduct(
      runtime,
      { binding: { InferenceSession: session(run) }, initOrt: () => {} } as unknown as NativeBinding,
      {},
    );

  it("where the binding is missing, fails or is wrong", () => {
    expect(provenRowProduct(runtime, undefined, {})).toBeUndefined();
    expect(
      proven(() => {
        throw new Error("no such type");
      }),
    ).toBeUndefined();
    expect(proven(() => ({ product: { data: new Float64Array(512 * 512) } }))).toBeUndefined();
  });
});
