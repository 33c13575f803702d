/**
 * Refuses shapes that do not fit while recording.
 *
 * TensorFlow.js checks them only in its kernels, which a recording does not run, or not at all.
 */
import { backend_util as backend, util } from "@tensorflow/tfjs-core";
import { ValidationError } from "@ergodic/tensor";
import type { TensorSpec } from "../../graph.js";

type Shape = readonly number[];

export const shapeText = (shape: Shape): string => `[${shape.join(",")}]`;

/**
 * Requires `fits`.
 *
 * @throws ValidationError that names all shapes.
 */
export function assertShapes(fits: boolean, what: string, shapes: readonly Shape[], expected: string): void {
  if (fits) return;
  throw new ValidationError(`${what} got the shapes ${shapes.map(shapeText).join(" and ")}; expected ${expected}.`);
}

export const areEqual = (a: Shape, b: Shape): boolean => util.arraysEqual([...a], [...b]);

/** The shape that both broadcast to, or undefined. */
export function broadcastShape(a: Shape, b: Shape): number[] | undefined {
  try {
    return backend.assertAndGetBroadcastShape([...a], [...b]);
  } catch {
    return undefined;
  }
}

/** Whether `small` broadcasts to the shape of `large`. */
export function broadcastsTo(small: Shape, large: Shape): boolean {
  const shape = broadcastShape(small, large);
  return shape !== undefined && areEqual(shape, large);
}

/** Requires equal shapes, except along the axis `except` if given. */
export function assertAlike(what: string, parts: readonly TensorSpec[], except?: number): void {
  const [first, ...others] = parts.map(({ shape }) => shape);
  for (const shape of others) {
    const alike = shape.length === first!.length && shape.every((size, i) => i === except || size === first![i]);
    const expected = except === undefined ? "equal shapes" : `shapes that differ along axis ${except} alone`;
    assertShapes(alike, what, [first!, shape], expected);
  }
}
