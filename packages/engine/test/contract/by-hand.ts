/** Numbers computed in plain loops, which the laws compare with the engines. */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";

/** `count` normal numbers for a seed. */
export const normals = (seed: number, count: number): number[] =>
  Array.from(random.host.normal(random.key(seed), count));

export interface ConvolutionProblem {
  readonly batch: number;
  /** Height and width. */
  readonly size: number;
  readonly from: number;
  readonly to: number;
  /** Height and width. */
  readonly filter: number;
  readonly stride: number;
  readonly pad: "same" | "valid";
}

/** A convolution of square images, with both gradients for a given `dy`. */
export function convolution({ batch, size, from, to, filter: side, stride, pad }: ConvolutionProblem) {
  const out = pad === "same" ? Math.ceil(size / stride) : Math.ceil((size - side + 1) / stride);
  const before = pad === "same" ? Math.floor(Math.max(0, (out - 1) * stride + side - size) / 2) : 0;
  const shapes = { x: [batch, size, size, from], filter: [side, side, from, to], y: [batch, out, out, to] } as const;
  const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const [x, filter, dy] = [shapes.x, shapes.filter, shapes.y].map((shape, i) => normals(20 + i, count(shape))) as [
    number[],
    number[],
    number[],
  ];
  const [y, dx, dFilter] = [dy, x, filter].map(({ length }) => new Array<number>(length).fill(0)) as [
    number[],
    number[],
    number[],
  ];
  for (let n = 0; n < batch; n++)
    for (let h = 0; h < out; h++)
      for (let w = 0; w < out; w++)
        for (let a = 0; a < side; a++)
          for (let b = 0; b < side; b++) {
            const [row, column] = [h * stride + a - before, w * stride + b - before];
            if (row < 0 || column < 0 || row >= size || column >= size) continue;
            for (let i = 0; i < from; i++)
              for (let o = 0; o < to; o++) {
                const [px, pf] = [((n * size + row) * size + column) * from + i, ((a * side + b) * from + i) * to + o];
                const py = ((n * out + h) * out + w) * to + o;
                y[py]! += x[px]! * filter[pf]!;
                dx[px]! += dy[py]! * filter[pf]!;
                dFilter[pf]! += dy[py]! * x[px]!;
              }
          }
  return {
    y,
    dx,
    dFilter,
    tensors: () =>
      [tf.tensor4d(x, [...shapes.x]), tf.tensor4d(filter, [...shapes.filter]), tf.tensor4d(dy, [...shapes.y])] as const,
  };
}
