/**
 * The gradients of the leaky unit (dy where y > 0, otherwise α dy) and of the rectified unit (0
 * where y <= 0, otherwise dy).
 */
import type { Lowering } from "./lowering.js";

/** 2^126, which scales every positive normal float32 to at least 1. */
const LARGE = 2 ** 126;

/**
 * A clipped product gives the slope of every entry exactly. Comparing and selecting take twice as
 * long.
 */
export const leakyGradient: Lowering = ({ builder, name, attrs }) => {
  const steep = builder.op("Mul", [name("y"), builder.scalar(LARGE)]);
  const slope = builder.op("Clip", [steep, builder.scalar(attrs["alpha"] as number), builder.scalar(1)]);
  return builder.op("Mul", [name("dy"), slope]);
};

/** 1 where x > 0, otherwise 0. */
export const isPositive: Lowering = ({ builder, name }) =>
  builder.op("HardSigmoid", [name("x")], { alpha: { float: LARGE }, beta: { float: 0 } });

/** Selects instead of multiplying, because a product of 0 and an infinite dy is NaN. */
export const rectifiedGradient: Lowering = ({ builder, name }) => {
  const zero = builder.scalar(0);
  return builder.op("Where", [builder.op("LessOrEqual", [name("y"), zero]), zero, name("dy")]);
};
