/** The two sides of the data, x and y, and the networks between them. */
import { fail } from "@ergodic/tensor";

export type Side = "x" | "y";

/** Something of each side. */
export type Sides<T> = { readonly x: T; readonly y: T };

/** Something towards each side, such as the translators G_YX and G_XY. */
export type Directions<T> = { readonly toX: T; readonly toY: T };

const towards = { x: "toX", y: "toY" } as const;

export const other = (side: Side): Side => (side === "x" ? "y" : "x");

/** The one towards a side. */
export const toward = <T>(directions: Directions<T>, side: Side): T => directions[towards[side]];

/** `make` for both sides. */
export const bothSides = <T>(make: (side: Side) => T): Sides<T> => ({ x: make("x"), y: make("y") });

/** Values with the name of their side behind: `cycle.x`, `cycle.y`. */
export const named = <T>(name: string, { x, y }: Sides<T>): Record<string, T> => ({
  [`${name}.x`]: x,
  [`${name}.y`]: y,
});

/** @throws ValidationError for anything but "x" and "y". */
export function assertSide(name: string, side: unknown): asserts side is Side {
  if (side !== "x" && side !== "y") fail(`${name} is ${JSON.stringify(side)}`, '"x" or "y"');
}
