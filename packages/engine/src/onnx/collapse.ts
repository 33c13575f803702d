/**
 * Reduces the number of axes of a broadcast.
 *
 * ONNX Runtime iterates along the last axis. If that has size 1, as in [batch, 28, 28, 1] + [1], it
 * processes one number at a time, which is fifty times slower than the same numbers in one row.
 */
import { sizeOf } from "../graph.js";
import { kernelCall } from "../kernel-call.js";
import type { Lowering } from "./lowering.js";

const aligned = (shape: readonly number[], rank: number): number[] => [
  ...(Array(rank - shape.length).fill(1) as number[]),
  ...shape,
];

/**
 * The shapes of all operands, then that of the result, with fewer axes.
 *
 * Axes of size 1 are removed. Neighbouring axes are merged if every operand broadcasts both or
 * neither.
 */
export function collapse(shapes: readonly (readonly number[])[], output: readonly number[]): number[][] {
  const operands = shapes.map((shape) => aligned(shape, output.length));
  const collapsed: number[][] = [...operands, output].map(() => []);
  let previous: string | undefined;
  output.forEach((size, axis) => {
    if (size === 1) return;
    const sizes = [...operands.map((shape) => shape[axis]!), size];
    const pattern = sizes.map((one) => one === 1).join();
    collapsed.forEach((shape, i) => {
      if (pattern === previous) shape.push(shape.pop()! * sizes[i]!);
      else shape.push(sizes[i]!);
    });
    previous = pattern;
  });
  return collapsed;
}

/**
 * Runs the `lowering` of an elementwise kernel on collapsed shapes if the last axis has size 1 and
 * the shapes of the operands differ.
 *
 * Beside single numbers alone nothing is collapsed: with as many axes as the result they are fast.
 */
export function collapsed(lowering: Lowering): Lowering {
  return (call) => {
    const { builder, output, inputs, specs, node } = call;
    const whole = specs.map(({ shape }) => shape.join() === output.shape.join());
    if (output.shape.at(-1) !== 1 || !whole.includes(false)) return lowering(call);
    const single = specs.every(({ shape }, i) => whole[i] || sizeOf(shape) === 1) && whole.includes(true);
    const shapes = single
      ? [...specs.map(({ shape }, i) => (whole[i] ? shape : output.shape.map(() => 1))), output.shape]
      : collapse(
          specs.map(({ shape }) => shape),
          output.shape,
        );
    const names = inputs.map((name, i) => builder.reshape(name, shapes[i]!));
    const flat = specs.map(({ dtype }, i) => ({ shape: shapes[i]!, dtype }));
    const shape = shapes.at(-1)!;
    const result = lowering(kernelCall(builder, node, names, flat, { shape, dtype: output.dtype })) as string;
    builder.known(result, shape);
    return builder.reshape(result, output.shape);
  };
}
