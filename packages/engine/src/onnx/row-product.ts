/**
 * Products of matrices in float64 by ONNX Runtime for Node, which has a fast one on x64 processors.
 *
 * The public sessions of the runtime wait for a turn of the event loop, and then compute on the
 * calling thread and its pool. The native session behind them computes at once, so scores on the
 * host stay plain functions. It is not part of the documented interface: it is proven before its
 * first use, and the engine has no product where that fails.
 */
import type { DenseMatrix, RowProduct } from "@ergodic/linear-algebra";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { encode } from "../protobuf/encode.js";
import { model } from "./messages.js";
import type { OnnxRuntime } from "./runtime.js";

/** What is used of `onnxruntime-node/dist/binding.js`. */
export interface NativeBinding {
  readonly binding: {
    readonly InferenceSession: new () => {
      loadModel(memory: ArrayBufferLike, from: number, bytes: number, options: InferenceSession.SessionOptions): void;
      run(
        feeds: Readonly<Record<string, OnnxTensor>>,
        fetches: Readonly<Record<string, null>>,
        options: object,
      ): Record<string, OnnxTensor>;
    };
  };
  readonly initOrt: () => void;
}

/** `TensorProto.DataType`. */
const FLOAT64 = 11;

/** The bytes of a model `product = a b^T`. */
function rowProductModel(): Uint8Array {
  const matrix = (name: string) => ({ name, docString: "", type: { tensorType: { elemType: FLOAT64 } } });
  const attribute = [{ name: "transB", type: 2, i: 1 }];
  return encode(model, {
    irVersion: 8,
    graph: {
      node: [{ opType: "Gemm", input: ["a", "b"], output: ["product"], attribute, name: "", domain: "" }],
      name: "product",
      input: [matrix("a"), matrix("b")],
      output: [matrix("product")],
    },
    opsetImport: [{ domain: "", version: 18 }],
  });
}

/** Most rows of a block. */
const ROWS = 512;

/**
 * Fewest rows of the second block. For so many the runtime sums products in one order, whatever the
 * place of the rows: equal pairs of rows have equal products.
 */
const FEWEST = 64;

/**
 * Rows of a matrix, and zeros up to `rows`. The runtime reads no shared memory, so rows of such are
 * copied.
 */
function blockOf({ rows: all, columns, values }: DenseMatrix, from: number, rows: number): Float64Array {
  const end = Math.min(all, from + rows) * columns;
  const own = values.subarray(from * columns, end);
  if (own.length === rows * columns && values.buffer instanceof ArrayBuffer) return own;
  const copy = new Float64Array(rows * columns);
  copy.set(own);
  return copy;
}

/**
 * `A B^T` by a function of two blocks, of which the first has at least as many rows as the second.
 * Threads then share it by rows of the first, and the order of sums does not depend on their number.
 */
const inBlocks =
  (multiply: (a: Float64Array, b: Float64Array, columns: number) => Float64Array): RowProduct =>
  (a, b) => {
    const values = new Float64Array(a.rows * b.rows);
    const most = Math.min(ROWS, Math.max(FEWEST, b.rows));
    for (let top = 0; top < a.rows; top += ROWS) {
      const rows = Math.min(ROWS, a.rows - top);
      const left = blockOf(a, top, Math.max(rows, most));
      for (let start = 0; start < b.rows; start += ROWS) {
        const columns = Math.min(ROWS, b.rows - start);
        const width = Math.max(FEWEST, columns);
        const block = multiply(left, blockOf(b, start, width), a.columns);
        for (let i = 0; i < rows; i++)
          values.set(block.subarray(i * width, i * width + columns), (top + i) * b.rows + start);
      }
    }
    return { rows: a.rows, columns: b.rows, values };
  };

/** Whether a product of whole numbers of 20 bits is right, which float32 does not hold. */
function isExact(product: RowProduct): boolean {
  const columns = 70;
  const matrix = (rows: number, factor: number): DenseMatrix => {
    const values = Float64Array.from({ length: rows * columns }, (_, at) => ((at * factor) % 2039) * 2 ** 9 + 1);
    return { rows, columns, values };
  };
  const [a, b] = [matrix(3, 31), matrix(ROWS + 5, 17)];
  return product(a, b).values.every((value, at) => {
    const [i, j] = [Math.floor(at / b.rows), at % b.rows];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += a.values[i * columns + k]! * b.values[j * columns + k]!;
    return value === sum;
  });
}

/**
 * The product of rows, if the native session computes it. Undefined on other processors, where the
 * runtime computes on one thread, and where the session is missing or wrong.
 */
export function provenRowProduct(
  runtime: Pick<OnnxRuntime, "Tensor">,
  native: NativeBinding | undefined,
  options: InferenceSession.SessionOptions,
): RowProduct | undefined {
  if (process.arch !== "x64" || native === undefined) return undefined;
  try {
    const { binding, initOrt } = native;
    initOrt();
    const session = new binding.InferenceSession();
    const bytes = rowProductModel();
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, options);
    const product = inBlocks((a, b, columns) => {
      const tensor = (values: Float64Array) =>
        new runtime.Tensor("float64", values, [values.length / columns, columns]);
      return session.run({ a: tensor(a), b: tensor(b) }, { product: null }, {})["product"]!.data as Float64Array;
    });
    return isExact(product) ? product : undefined;
  } catch {
    return undefined;
  }
}
