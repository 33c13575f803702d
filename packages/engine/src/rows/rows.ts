/**
 * Rows: the axis of a tensor along which its entries are computed independently, such as the
 * examples of a batch or the chains of a sampler.
 */
import { sizeOf, type TypedArray, type Value } from "../graph.js";

export interface Rows {
  readonly axis: number;
  /** Entries of a row along the axis. A row of `[rows, 5, 3]` has five in `[rows * 5, 3]`. */
  readonly per: number;
}

export const same = (a: Rows | undefined, b: Rows): boolean => a?.axis === b.axis && a.per === b.per;

/** A range of rows, from `from` to before `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The shape of some rows of a value. */
export const shapeOfRows = ({ shape }: Pick<Value, "shape">, { axis, per }: Rows, { from, to }: Range): number[] =>
  shape.map((size, i) => (i === axis ? (to - from) * per : size));

/** Every axis of a shape that may have the rows. */
export const possibleRows = (shape: readonly number[], count: number): Rows[] =>
  shape.flatMap((size, axis) => (size > 0 && size % count === 0 ? [{ axis, per: size / count }] : []));

/** Rows are copied in order, so those of an outer axis with others inside lie in several places. */
function places({ shape }: Pick<Value, "shape">, { axis, per }: Rows, count: number) {
  const inner = per * sizeOf(shape.slice(axis + 1));
  return { inner, outer: sizeOf(shape.slice(0, axis)), stride: inner * count };
}

/** Where rows lie in the numbers of the whole value, from and to, if that is one place. */
export function stretchOf(
  value: Pick<Value, "shape">,
  rows: Rows,
  count: number,
  { from, to }: Range,
): readonly [number, number] | undefined {
  const { inner, outer } = places(value, rows, count);
  return outer === 1 ? [from * inner, to * inner] : undefined;
}

/** Some rows of a value, without a copy where they lie in one place. */
export function takeRows(
  numbers: TypedArray,
  value: Pick<Value, "shape">,
  rows: Rows,
  count: number,
  { from, to }: Range,
): TypedArray {
  const { inner, outer, stride } = places(value, rows, count);
  const stretch = stretchOf(value, rows, count, { from, to });
  if (stretch !== undefined) return numbers.subarray(...stretch);
  const taken = new (numbers.constructor as Float32ArrayConstructor)(outer * (to - from) * inner);
  for (let o = 0; o < outer; o++) {
    taken.set(numbers.subarray(o * stride + from * inner, o * stride + to * inner), o * (to - from) * inner);
  }
  return taken;
}

/** Writes rows to their places in the numbers of the whole value. */
export function putRows(
  whole: TypedArray,
  numbers: TypedArray,
  value: Pick<Value, "shape">,
  rows: Rows,
  count: number,
  { from, to }: Range,
): void {
  const { inner, outer, stride } = places(value, rows, count);
  const size = (to - from) * inner;
  for (let o = 0; o < outer; o++) whole.set(numbers.subarray(o * size, (o + 1) * size), o * stride + from * inner);
}
