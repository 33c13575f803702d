/**
 * Whole networks, compiled: values and the gradients of every parameter agree with the plain CPU
 * backend of TensorFlow.js.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random } from "@ergodic/tensor";
import { describe, it } from "vitest";
import { exactly, expectAgreement, normal, positive, type Draw, type Problem } from "./kernel-cases.js";

type Image = tf.Tensor4D;
type Matrix = tf.Tensor2D;

/** Weights of a layer, scaled to keep the variance of activations. */
const weights =
  (...shape: number[]): Draw =>
  (key) =>
    tf.tidy(() => {
      const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      return tf.mul(random.normal(key, shape), 1 / Math.sqrt(fanIn));
    });

/**
 * (x - mean) / deviation over some axes, scaled and shifted. Axes [0, 1, 2] normalise the batch,
 * [1, 2] each instance and channel, [1, 2, 3] each layer.
 */
function normalized(x: tf.Tensor, axes: number[], scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  const centred = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-3)));
  return tf.add(tf.mul(centred, scale), shift);
}

function groupNormalized(x: tf.Tensor, groups: number, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const grouped = tf.reshape(x, [batch, height * width, groups, channels / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const centred = tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 1e-3)));
  return tf.add(tf.mul(tf.reshape(centred, x.shape), scale), shift);
}

const conv = (x: tf.Tensor, filter: tf.Tensor, stride = 1): Image =>
  tf.conv2d(x as Image, filter as Image, stride, "same");

const image = normal([4, 8, 8, 3]);
const normalizers: Readonly<Record<string, (x: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor) => tf.Tensor>> = {
  batch: (x, scale, shift) => normalized(x, [0, 1, 2], scale, shift),
  instance: (x, scale, shift) => normalized(x, [1, 2], scale, shift),
  layer: (x, scale, shift) => normalized(x, [1, 2, 3], scale, shift),
  group: (x, scale, shift) => groupNormalized(x, 3, scale, shift),
};

const normalizedNetwork = (normalize: (typeof normalizers)[string]): Problem => ({
  fn: (x: tf.Tensor, w1: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor, w2: tf.Tensor, dense: tf.Tensor) => {
    const h = tf.relu(normalize(conv(x, w1), scale, shift));
    const pooled = tf.mean(tf.elu(conv(h, w2, 2)), [1, 2]);
    return tf.matMul(pooled as Matrix, dense as Matrix);
  },
  inputs: [image, weights(3, 3, 3, 6), normal([6]), normal([6]), weights(3, 3, 6, 5), weights(5, 2)],
  tolerance: 1e-4,
});

/** A batch-normalised network in evaluation mode, with stored moments. */
const evaluated: Problem = {
  fn: (x: Image, w: tf.Tensor, mean: tf.Tensor1D, variance: tf.Tensor1D, offset: tf.Tensor1D, scale: tf.Tensor1D) =>
    tf.maxPool(tf.relu(tf.batchNorm(conv(x, w), mean, variance, offset, scale)) as Image, 2, 2, "valid"),
  inputs: [image, weights(3, 3, 3, 4), normal([4]), positive([4]), normal([4]), normal([4])],
};

const residualBlock: Problem = {
  fn: (x: Image, w1: tf.Tensor, w2: tf.Tensor, shortcut: tf.Tensor) => {
    const swish = (y: tf.Tensor): tf.Tensor => tf.mul(y, tf.sigmoid(y));
    const h = conv(swish(conv(swish(x), w1)), w2);
    const down = (y: tf.Tensor): tf.Tensor => tf.avgPool(y as Image, 2, 2, "valid");
    return tf.add(down(h), conv(down(x), shortcut));
  },
  inputs: [image, weights(3, 3, 3, 8), weights(3, 3, 8, 6), weights(1, 1, 3, 6)],
};

/** w / σ(w), with σ from power iterations whose vectors are constants (Miyato et al. 2018). */
const spectralNorm: Problem = {
  fn: (x: tf.Tensor, w: tf.Tensor, u0: tf.Tensor) => {
    const matrix = tf.reshape(w, [-1, w.shape.at(-1)!]) as Matrix;
    const unit = (v: tf.Tensor): tf.Tensor => tf.div(v, tf.add(tf.norm(v), 1e-6));
    let u = u0 as Matrix;
    let v = tf.zeros([matrix.shape[0], 1]) as Matrix;
    for (let i = 0; i < 3; i++) {
      v = unit(tf.matMul(matrix, u)) as Matrix;
      u = unit(tf.matMul(matrix, v, true)) as Matrix;
    }
    const sigma = tf.sum(tf.mul(v, tf.matMul(matrix, u)));
    return [tf.leakyRelu(conv(x, tf.div(w, sigma), 2), 0.2), u];
  },
  inputs: [image, weights(4, 4, 3, 8), normal([8, 1])],
  tolerance: 1e-4,
};

const generator: Problem = {
  fn: (z: tf.Tensor, dense: tf.Tensor, w1: Image, w2: Image, w3: Image) => {
    const h = tf.reshape(tf.matMul(z as Matrix, dense as Matrix), [3, 4, 4, 8]) as Image;
    const u = tf.leakyRelu(tf.conv2dTranspose(h, w1, [3, 8, 8, 6], 2, "same"), 0.2) as Image;
    const larger = tf.image.resizeNearestNeighbor(u, [16, 16]);
    const v = tf.softplus(conv(larger, w2)) as Image;
    return tf.tanh(tf.depthwiseConv2d(tf.image.resizeBilinear(v, [12, 12]), w3, 1, "valid"));
  },
  // A single image, because the plain backend's gradient of nearest-neighbour resizing is right for
  // the first image alone.
  inputs: [normal([3, 5]), weights(5, 128), weights(4, 4, 6, 8), weights(3, 3, 6, 4), weights(3, 3, 4, 1)],
};

/** Two heads, with a mask over later positions. */
const attention: Problem = {
  fn: (x: tf.Tensor, query: tf.Tensor, key: tf.Tensor, value: tf.Tensor, scale: tf.Tensor) => {
    const [batch, length] = x.shape as [number, number, number];
    const heads = (w: tf.Tensor): tf.Tensor =>
      tf.transpose(
        tf.reshape(tf.matMul(tf.reshape(x, [batch * length, -1]) as Matrix, w as Matrix), [batch, length, 2, 4]),
        [0, 2, 1, 3],
      );
    const later = tf.tidy(() => tf.less(tf.reshape(tf.range(0, length), [length, 1]), tf.range(0, length)));
    const scores = tf.matMul(heads(query), heads(key), false, true);
    const masked = tf.where(later, tf.fill(scores.shape, -1e9), tf.mul(scores, 0.5));
    const mixed = tf.transpose(tf.matMul(tf.softmax(masked), heads(value)), [0, 2, 1, 3]);
    return tf.add(x, tf.mul(tf.reshape(mixed, x.shape), scale));
  },
  inputs: [normal([2, 5, 8]), weights(8, 8), weights(8, 8), weights(8, 8), normal([8])],
};

const einsumAttention: Problem = {
  fn: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => {
    const scores = tf.einsum("bqhd,bkhd->bhqk", q, k);
    return tf.einsum("bhqk,bkhd->bqhd", tf.softmax(tf.mul(scores, 0.5)), v);
  },
  inputs: [normal([2, 4, 3, 5]), normal([2, 6, 3, 5]), normal([2, 6, 3, 5])],
};

const classifier: Problem = {
  fn: (table: tf.Tensor2D, words: tf.Tensor, labels: tf.Tensor, w: tf.Tensor) => {
    const features = tf.mean(tf.gather(table, words as tf.Tensor2D), 1);
    const logits = tf.matMul(features as Matrix, w as Matrix);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.oneHot(labels, 4), tf.logSoftmax(logits)), -1)));
  },
  inputs: [
    normal([7, 6]),
    exactly([0, 3, 3, 6, 1, 3, 2, 2, 2, 6, 0, 0], [4, 3], "int32"),
    exactly([0, 3, 1, 3], [4], "int32"),
    weights(6, 4),
  ],
};

const networks: Readonly<Record<string, Problem>> = {
  ...Object.fromEntries(
    Object.entries(normalizers).map(([name, normalize]) => [`${name} normalisation`, normalizedNetwork(normalize)]),
  ),
  "batch normalisation by kept moments": evaluated,
  "a residual block with average pooling": residualBlock,
  "spectral normalisation": spectralNorm,
  "a generator of transposed convolutions and resizing": generator,
  attention,
  "attention by einsum": einsumAttention,
  "embeddings and a classifier": classifier,
};

describe("networks", () => {
  it.each(Object.entries(networks))("%s", async (_, problem) => {
    await expectAgreement(problem);
  });
});
