/**
 * Gradient rules of elementwise kernels and of products.
 *
 * At kinks the subgradient is PyTorch's:
 *
 * - |x|: sign(0) = 0,
 * - maximum and minimum: half for each of two equal operands,
 * - relu and relu6: 0 at every kink,
 * - clipping: 1 at both ends of the interval.
 */
import * as tf from "@tensorflow/tfjs-core";
import { constant } from "./constant.js";
import { register, runKernel, sumTo, type InputGradients } from "./rule.js";

/** `dy` where the condition holds, otherwise 0, also where `dy` is not finite. */
const onlyWhere = (condition: tf.Tensor, dy: tf.Tensor): tf.Tensor => tf.where(condition, dy, tf.zerosLike(dy));
const exceptWhere = (condition: tf.Tensor, dy: tf.Tensor): tf.Tensor => tf.where(condition, tf.zerosLike(dy), dy);

/**
 * Registers a kernel of two operands that broadcast. `slopes` gives both gradients before they are
 * summed over the broadcast axes.
 */
function registerBinary(
  kernel: string,
  slopes: (dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => InputGradients<"a" | "b">,
): void {
  register(kernel, ["a", "b"], (dy, [a, b]) => {
    const gradients = slopes(dy, a!, b!);
    return { a: () => sumTo(gradients.a(), a!.shape), b: () => sumTo(gradients.b(), b!.shape) };
  });
}

/** Sums over broadcast batch axes, which the rule of TensorFlow.js does not do. */
function registerProduct(): void {
  const rule = tf.getGradient("BatchMatMul").gradFunc;
  register<tf.NamedAttrMap>("BatchMatMul", ["a", "b"], (dy, [a, b], attrs) => {
    const gradients = rule(dy, [a!, b!], attrs);
    return { a: () => sumTo(gradients["a"]!(), a!.shape), b: () => sumTo(gradients["b"]!(), b!.shape) };
  });
}

/** The larger (or smaller) of two operands gets the gradient. Equal operands get half each. */
function registerExtreme(kernel: string, isBeyond: (x: tf.Tensor, other: tf.Tensor) => tf.Tensor): void {
  registerBinary(kernel, (dy, a, b) => {
    const share = (): tf.Tensor => tf.where(tf.equal(a, b), tf.mul(dy, 0.5), dy);
    return { a: () => exceptWhere(isBeyond(b, a), share()), b: () => exceptWhere(isBeyond(a, b), share()) };
  });
}

/**
 * `dy` where x > 0, otherwise α dy. It is linear in `dy` and is its own gradient, which keeps
 * recorded graphs small.
 */
function leakySlope(x: tf.Tensor, dy: tf.Tensor, alpha: number): tf.Tensor {
  const scaled = tf.customGrad((d) => ({
    value: tf.where(tf.greater(x, 0), d as tf.Tensor, tf.mul(d as tf.Tensor, alpha)),
    gradFunc: (dd: tf.Tensor) => leakySlope(x, dd, alpha),
  }));
  return scaled(dy);
}

/**
 * xᵃ. With respect to x it is constant where a = 0, also at x = 0 and at NaN. The slope with
 * respect to a is 0 at x = 0, where the power stays 0 (or 1).
 */
function registerPower(): void {
  registerBinary("Pow", (dy, x, a) => ({
    a: () => {
      const isFlat = tf.logicalAnd(tf.equal(a, 0), tf.logicalNot(tf.greater(tf.abs(x), 0)));
      const slope = tf.mul(a, tf.pow(tf.where(isFlat, 1, x), tf.sub(a, 1)));
      return exceptWhere(isFlat, tf.mul(dy, slope));
    },
    b: () => {
      const isFlat = tf.logicalAnd(tf.equal(x, 0), tf.greaterEqual(a, 0));
      return tf.mul(dy, tf.mul(tf.pow(x, a), tf.log(tf.where(isFlat, 1, x))));
    },
  }));
}

/**
 * The angle of (x, y). The gradient is (-y, x)/(x² + y²), and 0 at the origin. Both numbers are
 * divided by the larger one first, so that squares stay in range.
 */
function registerAngle(): void {
  registerBinary("Atan2", (dy, y, x) => {
    const larger = tf.maximum(tf.abs(y), tf.abs(x));
    const scale = constant(tf.where(tf.logicalAnd(tf.greater(larger, 0), tf.isFinite(larger)), larger, 1));
    const [v, u] = [tf.div(y, scale), tf.div(x, scale)];
    const squares = tf.add(tf.square(u), tf.square(v));
    const length = tf.mul(tf.where(tf.equal(squares, 0), 1, squares), scale);
    return { a: () => tf.mul(dy, tf.div(u, length)), b: () => tf.neg(tf.mul(dy, tf.div(v, length))) };
  });
}

const SELU_ALPHA = tf.backend_util.SELU_SCALEALPHA;
const SELU_SCALE = tf.backend_util.SELU_SCALE;

export function registerElementwiseRules(): void {
  register("Abs", ["x"], (dy, [x]) => ({ x: () => tf.mul(dy, tf.sign(x!)) }));
  registerExtreme("Maximum", tf.greater);
  registerExtreme("Minimum", tf.less);

  registerBinary("SquaredDifference", (dy, a, b) => {
    const slope = (): tf.Tensor => tf.mul(dy, tf.mul(2, tf.sub(a, b)));
    return { a: slope, b: () => tf.neg(slope()) };
  });
  // Divides twice, because the square of a small divisor would be 0.
  registerBinary("RealDiv", (dy, a, b) => ({
    a: () => tf.div(dy, b),
    b: () => tf.neg(tf.mul(dy, tf.div(tf.div(a, b), b))),
  }));
  registerPower();
  registerAngle();
  registerProduct();

  register("Select", ["condition"], (dy, [condition]) => ({
    condition: () => tf.zerosLike(condition!),
    t: () => onlyWhere(condition!, dy),
    e: () => exceptWhere(condition!, dy),
  }));
  register("Relu", ["x"], (dy, [x]) => ({ x: () => exceptWhere(tf.lessEqual(x!, 0), dy) }));
  register("Relu6", ["x"], (dy, [x]) => ({
    x: () => exceptWhere(tf.logicalOr(tf.lessEqual(x!, 0), tf.greaterEqual(x!, 6)), dy),
  }));
  register<tf.LeakyReluAttrs>("LeakyRelu", ["x"], (dy, [x], attrs) => ({ x: () => leakySlope(x!, dy, attrs.alpha) }));

  // The gradient of elu at y = elu(x): dy where y >= 0, otherwise dy (y + 1).
  register("EluGrad", ["dy", "y"], (ddx, [dy, y]) => ({
    dy: () => runKernel("EluGrad", { dy: ddx, y: y! }, {}),
    y: () => tf.where(tf.greaterEqual(y!, 0), tf.zerosLike(y!), tf.mul(ddx, dy!)),
  }));
  // Without the inner `where`, the exponential of a large x would make the second derivative NaN.
  register("Selu", ["x"], (dy, [x]) => ({
    x: () => {
      const isPositive = tf.greater(x!, 0);
      const below = tf.mul(SELU_ALPHA, tf.exp(tf.where(isPositive, 0, x!)));
      return tf.mul(dy, tf.where(isPositive, SELU_SCALE, below));
    },
  }));
}
