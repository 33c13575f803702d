/** The gradients of the leaky unit, dy where y > 0, else α dy, and of the rectified one, 0 where y <= 0, else dy. */
import type { Lowering } from "./lowering.js";

/** 2^126: it takes every positive normal float32 to at least 1. */
const LARGE = 2 ** 126;

/** One clipped product gives the slope of every entry exactly; comparing and selecting take twice as long. */
export const leakyGradient: Lowering = ({ builder, name, attrs }) => {
  const steep = builder.op("Mul", [name("y"), builder.scalar(LARGE)]);
  const slope = builder.op("Clip", [steep, builder.scalar(attrs["alpha"] as number), builder.scalar(1)]);
  return builder.op("Mul", [name("dy"), slope]);
};

/** No product, which would make NaN of an infinite dy. */
export const rectifiedGradient: Lowering = ({ builder, name }) => {
  const zero = builder.scalar(0);
  return builder.op("Where", [builder.op("LessOrEqual", [name("y"), zero]), zero, name("dy")]);
};
