/**
 * Functions that generated code calls. Their names are those of kernels.
 *
 * Other threads evaluate their source text, so they use nothing but their arguments.
 */

/** erf(x) = 2/√π e^(-x²) Σ 2^n x^(2n+1) / (1 · 3 ⋯ (2n+1)): Abramowitz and Stegun 7.1.6. */
function Erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x); // 1 - |erf(x)| is below 3e-17.
  let [term, sum] = [x, x];
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (2 * x * x) / odd;
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

const Elu = (x: number): number => (x >= 0 ? x : Math.expm1(x));

const Selu = (x: number): number => (x >= 0 ? 1.0507009873554805 * x : 1.7580993408473768 * Math.expm1(x));

const Softplus = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

const Sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Halves go to the even neighbour. Zeros keep the sign of x. */
function Round(x: number): number {
  const base = Math.floor(x);
  const rest = x - base;
  const whole = rest > 0.5 || (rest === 0.5 && base % 2 !== 0) ? base + 1 : base;
  return whole === 0 ? 0 * x : whole;
}

const Sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : x);

/** a^b, where 1 to any power is 1, and -1 to an infinite power is 1, as in C. */
const Pow = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b));

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
  { rows, width, name }: { readonly rows: number; readonly width: number; readonly name: string },
): void {
  const block = indices.length * width;
  for (let to = 0, outer = from; to < y.length; to += block, outer += rows * width) {
    for (let n = 0; n < indices.length; n++) {
      const index = indices[n]!;
      if (!(index >= 0 && index < rows)) {
        throw new Error(`${name} got the index ${index}; expected indices from 0 to ${rows - 1}.`);
      }
      for (let i = 0; i < width; i++) y[to + n * width + i] = x[outer + index * width + i]!;
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
  Pow,
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
