/**
 * Corrects kernels of the plain backend that drop NaN, spread it too far, or miss a limit at
 * infinity.
 *
 * The backend's own kernel runs wherever it is right.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TypedArray } from "../graph.js";
import { free, read, write } from "./host-values.js";
import { refuseIndicesOutside } from "./index-checks.js";
import { replaceKernel, type KernelFunc } from "./replace-kernel.js";

const PLAIN = "cpu";

type Params = Parameters<KernelFunc>[0];
type Correction = (own: KernelFunc) => KernelFunc;

const holdsNaN = (values: TypedArray): boolean => values.some((value) => Number.isNaN(value));
const isAllFinite = (values: TypedArray): boolean => values.every((value) => Number.isFinite(value));

/** An input by its name in the kernel. */
const tensorOf = ({ inputs }: Params, name = "x"): tf.TensorInfo => inputs[name]!;

/** Runs another kernel of the plain backend. */
const call = (
  backend: unknown,
  kernel: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap = {},
): tf.TensorInfo =>
  tf.getKernel(kernel, PLAIN).kernelFunc({ inputs, attrs, backend: backend as object }) as tf.TensorInfo;

const sign: Correction = () => (params) => {
  const x = tensorOf(params);
  const values = read(params.backend, x);
  return write(params.backend, values.map(Math.sign) as TypedArray, x);
};

/** `a` and `b` as arrays of the result's shape. */
function broadcast({ inputs, backend }: Params, shape: number[]): [a: TypedArray, b: TypedArray] {
  const [a, b] = ["a", "b"].map((name) => {
    const x = inputs[name]!;
    const zeros = call(backend, "Fill", {}, { shape, value: 0, dtype: x.dtype });
    const whole = call(backend, "Add", { a: x, b: zeros });
    const values = read(backend, whole);
    for (const made of [zeros, whole]) free(backend, made);
    return values;
  }) as [TypedArray, TypedArray];
  return [a, b];
}

/** Where `b` is not finite, `limit` gives the result from a, b and the backend's own result. */
const withLimits =
  (limit: (a: number, b: number, own: number) => number): Correction =>
  (own) =>
  (params) => {
    const { inputs, backend } = params;
    const result = own(params) as tf.TensorInfo;
    if (result.dtype !== "float32" || isAllFinite(read(backend, inputs["b"]!))) return result;
    const [a, b] = broadcast(params, result.shape);
    const values = read(backend, result).map((value, i) => limit(a[i]!, b[i]!, value)) as TypedArray;
    free(backend, result);
    return write(backend, values, result);
  };

/** 1 to any power is 1, and -1 to an infinite power is 1, as in C and TensorFlow. */
const power = withLimits((a, b, own) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : own));

/**
 * The remainder of a finite dividend and an infinite divisor: the dividend if the signs agree or
 * the dividend is 0, otherwise the divisor.
 */
const modulo = withLimits((a, b, own) => {
  if (Math.abs(b) !== Infinity || !Number.isFinite(a)) return own;
  return a === 0 || a < 0 === b < 0 ? a : b;
});

/** The index of the first NaN. Without NaN, the index of the first entry that no other `beats`. */
const placeOf =
  (beats: (value: number, best: number) => boolean): Correction =>
  (own) =>
  (params) => {
    const { backend } = params;
    const x = tensorOf(params);
    const values = read(backend, x);
    if (!holdsNaN(values)) return own(params);
    const axis = tf.util.parseAxisParam(params.attrs!["axis"] as number, x.shape)[0]!;
    const length = x.shape[axis]!;
    const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
    const shape = x.shape.filter((_, i) => i !== axis);
    const places = Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => {
      const start = Math.floor(i / inner) * length * inner + (i % inner);
      const at = (place: number): number => values[start + place * inner]!;
      let best = 0;
      for (let place = 0; place < length; place++) {
        if (Number.isNaN(at(place))) return place;
        if (beats(at(place), at(best))) best = place;
      }
      return best;
    });
    return write(backend, places, { shape, dtype: "int32" });
  };

/** Sorts NaN before all numbers. Equal entries keep their order. */
const largest: Correction = (own) => (params) => {
  const { backend, attrs } = params;
  const x = tensorOf(params);
  const values = read(backend, x);
  if (!holdsNaN(values)) return own(params);
  const [length, k] = [x.shape.at(-1)!, attrs!["k"] as number];
  const rank = (value: number): number => (Number.isNaN(value) ? 1 : 0);
  const order = (a: number, b: number): number => {
    const [p, q] = [values[a]!, values[b]!];
    return rank(q) - rank(p) || (p === q || rank(p) === 1 ? a - b : q - p);
  };
  const entries = Array.from({ length: values.length / length }, (_, row) =>
    Array.from({ length }, (_, i) => row * length + i)
      .sort(order)
      .slice(0, k),
  ).flat();
  const shape = [...x.shape.slice(0, -1), k];
  return [
    write(
      backend,
      Float32Array.from(entries, (i) => values[i]!),
      { shape, dtype: x.dtype },
    ),
    write(
      backend,
      Int32Array.from(entries, (i) => i % length),
      { shape, dtype: "int32" },
    ),
  ];
};

/** The results of the backend's own kernel on other numbers of the same shape. */
function ownOf(own: KernelFunc, params: Params, values: TypedArray): TypedArray[] {
  const { inputs, backend } = params;
  const x = write(backend, values, { shape: inputs["x"]!.shape, dtype: "float32" });
  const results = [own({ ...params, inputs: { ...inputs, x } })].flat() as tf.TensorInfo[];
  const numbers = results.map((result) => read(backend, result));
  for (const made of [x, ...results]) free(backend, made);
  return numbers;
}

const markNaN = (values: TypedArray): TypedArray => Float32Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));

/** The largest entry of a window that holds a NaN is NaN. */
const pool: Correction = (own) => (params) => {
  const { backend } = params;
  const values = read(backend, tensorOf(params));
  const result = own(params) as tf.TensorInfo;
  if (!holdsNaN(values)) return result;
  const [marks] = ownOf(own, params, markNaN(values));
  const corrected = read(backend, result).map((value, i) => (marks![i] === 1 ? NaN : value)) as TypedArray;
  free(backend, result);
  return write(backend, corrected, result);
};

const LEAST = -3.4028234663852886e38;

/**
 * The index of the first NaN in each window. Without NaN, the index of the first largest entry,
 * which may be -∞.
 */
const poolWithPlaces: Correction = (own) => (params) => {
  const { backend } = params;
  const values = read(backend, tensorOf(params));
  if (isAllFinite(values)) return own(params);
  const [marks, placesOfNaN] = ownOf(own, params, markNaN(values));
  const finite = values.map((value) => (Number.isNaN(value) ? LEAST : Math.max(LEAST, value))) as TypedArray;
  const [, placesOfLargest] = ownOf(own, params, finite);
  const [y, places] = own(params) as tf.TensorInfo[];
  const [numbers, least] = [read(backend, y!), read(backend, places!)];
  for (const made of [y!, places!]) free(backend, made);
  const isNaN = (i: number): boolean => marks![i] === 1;
  return [
    write(backend, numbers.map((value, i) => (isNaN(i) ? NaN : value)) as TypedArray, y!),
    write(backend, least.map((_, i) => (isNaN(i) ? placesOfNaN : placesOfLargest)![i]!) as TypedArray, places!),
  ];
};

/** Sums the rows with the same id. Rows with an id outside [0, numSegments) are ignored. */
const segmentSum: KernelFunc = ({ inputs, attrs, backend }) => {
  const [x, ids] = [inputs["x"]!, inputs["segmentIds"]!];
  const rest = x.shape.slice(ids.shape.length);
  const shape = [attrs!["numSegments"] as number, ...rest];
  const [rowSize, values] = [tf.util.sizeFromShape(rest), read(backend, x)];
  const sums = tf.util.makeZerosTypedArray(tf.util.sizeFromShape(shape), x.dtype as "float32");
  read(backend, ids).forEach((id, row) => {
    if (id < 0 || id >= shape[0]!) return;
    for (let i = 0; i < rowSize; i++) sums[id * rowSize + i]! += values[row * rowSize + i]!;
  });
  return write(backend, sums, { shape, dtype: x.dtype });
};

/** Writes to a copy of the tensor. TensorFlow.js writes to the tensor itself. */
const scatterUpdate: Correction = (own) => (params) => {
  const { inputs, backend } = params;
  const tensor = inputs["tensor"]!;
  const copy = write(backend, read(backend, tensor).slice(), tensor);
  const result = own({ ...params, inputs: { ...inputs, tensor: copy } });
  free(backend, copy);
  return result;
};

const corrections: Readonly<Record<string, Correction>> = {
  Sign: sign,
  Pow: power,
  Mod: modulo,
  ArgMax: placeOf((value, best) => value > best),
  ArgMin: placeOf((value, best) => value < best),
  TopK: largest,
  MaxPool: pool,
  MaxPool3D: pool,
  MaxPoolWithArgmax: poolWithPlaces,
  UnsortedSegmentSum: () => segmentSum,
  TensorScatterUpdate: scatterUpdate,
};

let done = false;

/** Corrects the plain backend's kernels, once. */
export function correctPlainKernels(): void {
  if (done) return;
  done = true;
  for (const [kernel, correction] of Object.entries(corrections)) replaceKernel(kernel, PLAIN, correction);
  refuseIndicesOutside(PLAIN);
}
