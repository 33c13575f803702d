/**
 * Functions that generated code calls. Their names are those of kernels.
 *
 * Other threads evaluate their source text, so they use nothing but their arguments.
 */

/** erf with an error below 1.5e-7: Abramowitz and Stegun 7.1.26, as TensorFlow.js computes it. */
function Erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const polynomial = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const value = 1 - polynomial * Math.exp(-x * x);
  return x < 0 ? -value : value;
}

const Elu = (x: number): number => (x >= 0 ? x : Math.expm1(x));

const Selu = (x: number): number => (x >= 0 ? 1.0507009873554805 * x : 1.7580993408473768 * Math.expm1(x));

const Softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

const Sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Halves go to the even neighbour. */
function Round(x: number): number {
  const base = Math.floor(x);
  const rest = x - base;
  if (rest < 0.5) return base;
  return rest > 0.5 || base % 2 !== 0 ? base + 1 : base;
}

const Sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : x);

/** The remainder with the sign of the divisor. */
function Mod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

const EluGrad = (dy: number, y: number): number => (y >= 0 ? dy : dy * (y + 1));

interface Product {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** One matrix product per offset. Entries of b are read in the order in which they lie. */
function BatchMatMul(
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  offsets: readonly (readonly [number, number])[],
  { rows, inner, columns, transposeA, transposeB }: Product,
): void {
  const [aRow, aInner] = transposeA ? [1, rows] : [inner, 1];
  let to = 0;
  for (const [fromA, fromB] of offsets) {
    for (let i = 0; i < rows; i++, to += columns) {
      let [p, q] = [fromA + i * aRow, fromB];
      if (transposeB) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let k = 0, at = p; k < inner; k++, at += aInner) sum += a[at]! * b[q++]!;
          c[to + j] = sum;
        }
        continue;
      }
      c.fill(0, to, to + columns);
      for (let k = 0; k < inner; k++, p += aInner) {
        const factor = a[p]!;
        for (let j = 0; j < columns; j++) c[to + j]! += factor * b[q++]!;
      }
    }
  }
}

interface Running {
  readonly length: number;
  /** Numbers behind the axis. */
  readonly step: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
  readonly product: boolean;
}

/** Cumulative sums or products along an axis. */
function cumulate(
  x: Float64Array,
  from: number,
  y: Float64Array,
  { length, step, exclusive, reverse, product }: Running,
): void {
  for (let outer = 0; outer < y.length; outer += length * step) {
    for (let lane = 0; lane < step; lane++) {
      let total = product ? 1 : 0;
      for (let n = 0; n < length; n++) {
        const at = outer + (reverse ? length - 1 - n : n) * step + lane;
        const value = x[from + at]!;
        const next = product ? total * value : total + value;
        y[at] = exclusive ? total : next;
        total = next;
      }
    }
  }
}

/** Softmax of rows of `width` numbers. */
function softmax(x: Float64Array, from: number, y: Float64Array, width: number): void {
  for (let row = 0; row < y.length; row += width) {
    let highest = -Infinity;
    for (let i = 0; i < width; i++) highest = Math.max(highest, x[from + row + i]!);
    let total = 0;
    for (let i = 0; i < width; i++) total += y[row + i] = Math.exp(x[from + row + i]! - highest);
    for (let i = 0; i < width; i++) y[row + i]! /= total;
  }
}

/** Rows at indices, for each block of `outer`. */
function gather(
  x: Float64Array,
  from: number,
  indices: ArrayLike<number>,
  y: Float64Array,
  { rows, width }: { readonly rows: number; readonly width: number },
): void {
  const block = indices.length * width;
  for (let to = 0, outer = from; to < y.length; to += block, outer += rows * width) {
    for (let n = 0; n < indices.length; n++) {
      for (let i = 0; i < width; i++) y[to + n * width + i] = x[outer + indices[n]! * width + i]!;
    }
  }
}

/** Adds rows of `width` numbers to those named by `ids`. */
function scatter(x: Float64Array, from: number, ids: ArrayLike<number>, y: Float64Array, width: number): void {
  y.fill(0);
  for (let n = 0; n < ids.length; n++) {
    const to = ids[n]! * width;
    if (to < 0) continue;
    for (let i = 0; i < width; i++) y[to + i]! += x[from + n * width + i]!;
  }
}

export const helpers = {
  Erf,
  Elu,
  Selu,
  Softplus,
  Sigmoid,
  Round,
  Sign,
  Mod,
  EluGrad,
  BatchMatMul,
  cumulate,
  softmax,
  gather,
  scatter,
};

/** The source text of an object of these functions. */
export const helpersText = (): string =>
  `{ ${Object.entries(helpers)
    .map(([name, helper]) => `${name}: ${String(helper)}`)
    .join(", ")} }`;
