/** Axes: the range of values, round ticks, and coordinates of values on the drawing. */

export type Range = readonly [low: number, high: number];

export interface Axis {
  readonly range: Range;
  readonly ticks: readonly number[];
  /** The coordinate of a value on the drawing. */
  place(value: number): number;
}

/**
 * The range of the finite values, [0, 1] if there are none. It is never empty, and is extended at
 * both ends by `margin` times its length.
 */
export function rangeOf(values: Iterable<number>, margin = 0): Range {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return [0, 1];
  const extra = least === most ? (Math.abs(most) || 1) / 2 : (most - least) * margin;
  return [least - extra, most + extra];
}

/** The axis of a range between two coordinates of the drawing. */
export function axisOf([low, high]: Range, from: number, to: number): Axis {
  return {
    range: [low, high],
    ticks: niceTicks(low, high),
    place: (value) => from + ((value - low) / (high - low)) * (to - from),
  };
}

/** About four round numbers between two values. */
export function niceTicks(low: number, high: number): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
