/**
 * Gradients at kinks, ties, infinities and NaN, as PyTorch 2.13.0 computes them. The command of
 * each row:
 *
 *     python -c "import torch, torch.nn.functional as F; from torch import tensor, inf, nan
 *     x, y = [tensor(row, dtype=torch.float32, requires_grad=True) for row in INPUTS]
 *     (EXPRESSION).sum().backward(); print(x.grad, y.grad)"
 */
import * as tf from "@tensorflow/tfjs-core";

export type EdgeCase = readonly [
  name: string,
  expression: string,
  fn: (...xs: tf.Tensor1D[]) => tf.Tensor,
  inputs: readonly (readonly number[])[],
  gradients: readonly (readonly number[])[],
];

export const EDGE_CASES: readonly EdgeCase[] = [
  ["abs", "torch.abs(x)", (x) => tf.abs(x!), [[0, -0, 2, -2, Infinity, -Infinity]], [[0, 0, 1, -1, 1, -1]]],
  [
    "maximum",
    "torch.maximum(x, y)",
    (x, y) => tf.maximum(x!, y!),
    [
      [1, 2, 0, NaN, 1, Infinity],
      [1, 1, 1, 1, NaN, Infinity],
    ],
    [
      [0.5, 1, 0, 1, 1, 0.5],
      [0.5, 0, 1, 1, 1, 0.5],
    ],
  ],
  [
    "minimum",
    "torch.minimum(x, y)",
    (x, y) => tf.minimum(x!, y!),
    [
      [1, 2, 0, NaN, 1, -Infinity],
      [1, 1, 1, 1, NaN, -Infinity],
    ],
    [
      [0.5, 0, 1, 1, 1, 0.5],
      [0.5, 1, 0, 1, 1, 0.5],
    ],
  ],
  ["relu", "torch.relu(x)", (x) => tf.relu(x!), [[0, -0, 1, -1, Infinity, -Infinity, NaN]], [[0, 0, 1, 0, 1, 0, 1]]],
  ["root of relu", "torch.sqrt(torch.relu(x))", (x) => tf.sqrt(tf.relu(x!)), [[-1, 4, -Infinity]], [[0, 0.25, 0]]],
  [
    "relu6",
    "F.relu6(x)",
    (x) => tf.relu6(x!),
    [[0, 6, 3, 7, -1, Infinity, -Infinity, NaN]],
    [[0, 0, 1, 0, 0, 0, 0, 1]],
  ],
  [
    "clip",
    "torch.clamp(x, -1, 1)",
    (x) => tf.clipByValue(x!, -1, 1),
    [[-1, 1, 0, 2, -2, Infinity, -Infinity, NaN]],
    [[1, 1, 1, 0, 0, 0, 0, 0]],
  ],
  [
    "leaky unit",
    "F.leaky_relu(x, 0.25)",
    (x) => tf.leakyRelu(x!, 0.25),
    [[0, 1, -1, Infinity, -Infinity]],
    [[0.25, 1, 0.25, 1, 0.25]],
  ],
  [
    "prelu",
    "torch.where(x > 0, x, x * y)",
    (x, y) => tf.prelu(x!, y!),
    [
      [0, 1, -1, 2],
      [0.25, 0.25, 0.25, 0.25],
    ],
    [
      [0.25, 1, 0.25, 1],
      [0, 0, -1, 0],
    ],
  ],
  ["elu", "F.elu(x)", (x) => tf.elu(x!), [[0, 1, -1, Infinity, -Infinity]], [[1, 1, 0.36787945, 1, 0]]],
  [
    "selu",
    "F.selu(x)",
    (x) => tf.selu(x!),
    [[1, -1, Infinity, -Infinity, 100]],
    [[1.05070102, 0.64676863, 1.05070102, 0, 1.05070102]],
  ],
  [
    "softplus",
    "F.softplus(x)",
    (x) => tf.softplus(x!),
    [[0, 100, -100, Infinity, -Infinity, NaN]],
    [[0.5, 1, 3.78350585e-44, 1, 0, NaN]],
  ],
  [
    "log-sigmoid",
    "F.logsigmoid(x)",
    (x) => tf.logSigmoid(x!),
    [[0, 100, -100, Infinity, -Infinity, NaN]],
    [[0.5, 3.78350585e-44, 1, 0, 1, NaN]],
  ],
  ["sigmoid", "torch.sigmoid(x)", (x) => tf.sigmoid(x!), [[Infinity, -Infinity, 100, NaN]], [[0, 0, 0, NaN]]],
  ["tanh", "torch.tanh(x)", (x) => tf.tanh(x!), [[Infinity, -Infinity, 100, NaN]], [[0, 0, 0, NaN]]],
  ["exp", "torch.exp(x)", (x) => tf.exp(x!), [[Infinity, -Infinity, 100, NaN]], [[Infinity, 0, Infinity, NaN]]],
  ["expm1", "torch.expm1(x)", (x) => tf.expm1(x!), [[Infinity, -Infinity, 0, NaN]], [[Infinity, 0, 1, NaN]]],
  ["erf", "torch.erf(x)", (x) => tf.erf(x!), [[Infinity, -Infinity, 0, NaN]], [[0, 0, 1.12837923, NaN]]],
  ["log", "torch.log(x)", (x) => tf.log(x!), [[0, Infinity, NaN]], [[Infinity, 0, NaN]]],
  ["log1p", "torch.log1p(x)", (x) => tf.log1p(x!), [[-1, Infinity, NaN, 0]], [[Infinity, 0, NaN, 1]]],
  ["sqrt", "torch.sqrt(x)", (x) => tf.sqrt(x!), [[0, Infinity, NaN, 4]], [[Infinity, 0, NaN, 0.25]]],
  ["rsqrt", "torch.rsqrt(x)", (x) => tf.rsqrt(x!), [[0, Infinity, NaN, 4]], [[-Infinity, 0, NaN, -0.0625]]],
  [
    "reciprocal",
    "torch.reciprocal(x)",
    (x) => tf.reciprocal(x!),
    [[0, Infinity, NaN, 4]],
    [[-Infinity, 0, NaN, -0.0625]],
  ],
  ["acos", "torch.acos(x)", (x) => tf.acos(x!), [[1, -1, 0, 2, NaN]], [[-Infinity, -Infinity, -1, NaN, NaN]]],
  ["asin", "torch.asin(x)", (x) => tf.asin(x!), [[1, -1, 0, 2, NaN]], [[Infinity, Infinity, 1, NaN, NaN]]],
  ["atan", "torch.atan(x)", (x) => tf.atan(x!), [[Infinity, -Infinity, 0, NaN]], [[0, 0, 1, NaN]]],
  ["acosh", "torch.acosh(x)", (x) => tf.acosh(x!), [[1, Infinity, 0.5, NaN]], [[Infinity, 0, NaN, NaN]]],
  ["atanh", "torch.atanh(x)", (x) => tf.atanh(x!), [[1, -1, 0, NaN]], [[Infinity, Infinity, 1, NaN]]],
  [
    "atan2",
    "torch.atan2(x, y)",
    (x, y) => tf.atan2(x!, y!),
    [
      [0, 0, 0, 1, NaN, 3],
      [0, 1, -1, 0, 1, 4],
    ],
    [
      [0, 1, -1, 0, NaN, 0.159999996],
      [0, 0, 0, -1, NaN, -0.119999997],
    ],
  ],
  [
    "power",
    "torch.pow(x, y)",
    (x, y) => tf.pow(x!, y!),
    [
      [0, 0, 0, 0, 0, Infinity, NaN, 3, -2],
      [0, 1, 2, -1, 0.5, 0, 0, 0, 2],
    ],
    [
      [0, 1, 0, -Infinity, Infinity, 0, 0, 0, -4],
      [0, 0, 0, -Infinity, 0, Infinity, NaN, 1.09861231, NaN],
    ],
  ],
  [
    "division",
    "torch.div(x, y)",
    (x, y) => tf.div(x!, y!),
    [
      [1e-30, 1e20, 0, 0, 1, 1],
      [1e-25, 1e20, 1, Infinity, Infinity, 0],
    ],
    [
      [9.99999956e24, 9.99999968e-21, 1, 0, 0, Infinity],
      [-9.99999932e19, -9.99999968e-21, 0, 0, 0, -Infinity],
    ],
  ],
  [
    "remainder",
    "torch.remainder(x, y)",
    (x, y) => tf.mod(x!, y!),
    [
      [5, -5, 4, 0, 1],
      [3, 3, 2, 2, Infinity],
    ],
    [
      [1, 1, 1, 1, 1],
      [-1, 2, -2, 0, 0],
    ],
  ],
  ["floor", "torch.floor(x)", (x) => tf.floor(x!), [[0, 1.5, -1, Infinity]], [[0, 0, 0, 0]]],
  ["sign", "torch.sign(x)", (x) => tf.sign(x!), [[0, 1.5, -1, Infinity]], [[0, 0, 0, 0]]],
  ["round", "torch.round(x)", (x) => tf.round(x!), [[0, 0.5, -1, Infinity]], [[0, 0, 0, 0]]],
  [
    "where",
    "torch.where(tensor([True, False, True, False]), x, y) * tensor([1, inf, inf, nan])",
    (x, y) => tf.mul(tf.where(tf.tensor1d([true, false, true, false], "bool"), x!, y!), [1, Infinity, Infinity, NaN]),
    [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
    [
      [1, 0, Infinity, 0],
      [0, Infinity, 0, NaN],
    ],
  ],
  [
    "log beyond a mask",
    "torch.where(x > 0, torch.log(torch.where(x > 0, x, 1)), 0)",
    (x) => tf.where(tf.greater(x!, 0), tf.log(tf.where(tf.greater(x!, 0), x!, 1)), 0),
    [[2, 0, -1]],
    [[0.5, 0, 0]],
  ],
  ["largest", "torch.amax(x)", (x) => tf.max(x!), [[2, 2, 1]], [[0.5, 0.5, 0]]],
  ["largest of all equal", "torch.amax(x)", (x) => tf.max(x!), [[0, 0, 0, 0]], [[0.25, 0.25, 0.25, 0.25]]],
  ["largest, infinite", "torch.amax(x)", (x) => tf.max(x!), [[Infinity, 1, Infinity]], [[0.5, 0, 0.5]]],
  ["largest beside NaN", "torch.amax(x)", (x) => tf.max(x!), [[NaN, 1]], [[NaN, NaN]]],
  ["smallest", "torch.amin(x)", (x) => tf.min(x!), [[1, 2, 1]], [[0.5, 0, 0.5]]],
  ["product", "torch.prod(x)", (x) => tf.prod(x!), [[0, 2, 3]], [[6, 0, 0]]],
  ["product with two zeros", "torch.prod(x)", (x) => tf.prod(x!), [[0, 2, 0]], [[0, 0, 0]]],
  [
    "running product",
    "(torch.cumprod(x, 0) * tensor([1, 2, 3, 4, 5])).sum()",
    (x) => tf.mul(tf.cumprod(x!), [1, 2, 3, 4, 5]),
    [[2, 0, 3, 0, 4]],
    [[1, 22, 0, 0, 0]],
  ],
  [
    "running sum",
    "(torch.cumsum(x, 0) * tensor([1, 2, 3])).sum()",
    (x) => tf.mul(tf.cumsum(x!), [1, 2, 3]),
    [[2, 0, 3]],
    [[6, 5, 3]],
  ],
  ["power, a number", "torch.pow(x, 0)", (x) => tf.pow(x!, 0), [[0, 1, Infinity, NaN]], [[0, 0, 0, 0]]],
  ["2-norm at 0", "torch.linalg.vector_norm(x)", (x) => tf.norm(x!), [[0, 0, 0]], [[0, 0, 0]]],
  ["2-norm", "torch.linalg.vector_norm(x)", (x) => tf.norm(x!), [[3, 0, -4]], [[0.600000024, 0, -0.800000012]]],
  ["2-norm with NaN", "torch.linalg.vector_norm(x)", (x) => tf.norm(x!), [[NaN, 1]], [[NaN, NaN]]],
  [
    "Frobenius norm at 0",
    "torch.linalg.matrix_norm(x.reshape(2, 2))",
    (x) => tf.norm(tf.reshape(x!, [2, 2]), "fro", [0, 1]),
    [[0, 0, 0, 0]],
    [[0, 0, 0, 0]],
  ],
  ["1-norm", "torch.linalg.vector_norm(x, 1)", (x) => tf.norm(x!, 1), [[0, -1, 2]], [[0, -1, 1]]],
  ["∞-norm", "torch.linalg.vector_norm(x, inf)", (x) => tf.norm(x!, Infinity), [[2, -2, 1]], [[0.5, -0.5, 0]]],
  ["∞-norm at 0", "torch.linalg.vector_norm(x, inf)", (x) => tf.norm(x!, Infinity), [[0, 0]], [[0, 0]]],
  ["variance of equal numbers", "torch.var(x, correction=0)", (x) => tf.moments(x!).variance, [[1, 1, 1]], [[0, 0, 0]]],
  ["log-sum-exp", "torch.logsumexp(x, 0)", (x) => tf.logSumExp(x!), [[1, 1, -Infinity]], [[0.5, 0.5, 0]]],
  ["log-sum-exp of large numbers", "torch.logsumexp(x, 0)", (x) => tf.logSumExp(x!), [[88, 89, 1e30]], [[0, 0, 1]]],
  ["log-sum-exp with NaN", "torch.logsumexp(x, 0)", (x) => tf.logSumExp(x!), [[NaN, 1]], [[NaN, NaN]]],
  [
    "softmax of a masked logit",
    "torch.softmax(x, 0) * tensor([1, 2, 3])",
    (x) => tf.mul(tf.softmax(x!), [1, 2, 3]),
    [[-Infinity, 0, 1]],
    [[0, -0.196611941, 0.196611926]],
  ],
  [
    "log-softmax beside a masked logit",
    "torch.log_softmax(x, 0)[1]",
    (x) => tf.slice(tf.logSoftmax(x!), 1, 1),
    [[-Infinity, 0, 1]],
    [[0, 0.731058598, -0.731058598]],
  ],
  [
    "max pool of equal numbers",
    "F.max_pool1d(x[None], 2, 1)",
    (x) => tf.maxPool(tf.reshape(x!, [1, 1, -1, 1]) as tf.Tensor4D, [1, 2], 1, "valid"),
    [[2, 2, 1, 3, 3]],
    [[1, 1, 0, 2, 0]],
  ],
  [
    "Huber loss",
    "F.huber_loss(x, torch.zeros(4), reduction='sum')",
    (x) => tf.losses.huberLoss(tf.zeros([4]), x!, undefined, 1, tf.Reduction.SUM),
    [[0, 1, -1, 3]],
    [[0, 1, -1, 1]],
  ],
  [
    "absolute difference",
    "F.l1_loss(x, torch.zeros(3), reduction='sum')",
    (x) => tf.losses.absoluteDifference(tf.zeros([3]), x!, undefined, tf.Reduction.SUM),
    [[0, 1, -1]],
    [[0, 1, -1]],
  ],
  [
    "cross-entropy of a sigmoid",
    "F.binary_cross_entropy_with_logits(x, tensor([0., 1, 0.5, 1]), reduction='sum')",
    (x) => tf.losses.sigmoidCrossEntropy([0, 1, 0.5, 1], x!, undefined, 0, tf.Reduction.SUM),
    [[0, 0, 0, 100]],
    [[0.5, -0.5, 0, 0]],
  ],
];
