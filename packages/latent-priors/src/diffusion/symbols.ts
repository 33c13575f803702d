/**
 * Symbols coupled with latents: logits f(y, t) of C symbols give energies, and at level 0 a
 * classifier.
 *
 * p(s, y) ∝ exp(f_s(y)), so E(y) = -log Σ_s exp(f_s(y)), E(y; s) = -f_s(y) and p(s | y) =
 * softmax(f(y))_s. Pang and Wu, "Latent Space Energy-Based Model of Symbol-Vector Coupling for Text
 * Generation and Classification", arXiv 2108.11556.
 */
import * as tf from "@tensorflow/tfjs-core";

/** -log Σ_s exp(f_s), `[batch]`, of logits `[batch, symbols]`. */
export const coupledEnergy = (logits: tf.Tensor): tf.Tensor1D => tf.neg(tf.logSumExp(logits, 1)) as tf.Tensor1D;

/** The value of the symbol of each row, `[batch]`, of `[batch, symbols]`. 0 for the symbol -1. */
function ofSymbol(values: tf.Tensor, symbols: tf.Tensor1D): tf.Tensor {
  const all = tf.range(0, values.shape[1]!, 1, "int32");
  return tf.sum(tf.mul(tf.cast(tf.equal(tf.expandDims(symbols, 1), all), "float32"), values), 1);
}

/** -f_s, `[batch]`, of logits `[batch, symbols]` and symbols int32 `[batch]`. */
export const symbolEnergy = (logits: tf.Tensor, symbols: tf.Tensor1D): tf.Tensor1D =>
  tf.neg(ofSymbol(logits, symbols)) as tf.Tensor1D;

/** Added to the mean probabilities, so that a symbol without any has a finite logarithm. */
const tiny = 1e-15;

/**
 * I(z; s) = H(mean_b p(s | z_b)) - mean_b H(p(s | z_b)) in nats, `[]`, of logits `[batch,
 * symbols]`; from 0 to log C. The information bottleneck of arXiv 2108.11556.
 */
export function mutualInformation(logits: tf.Tensor): tf.Tensor {
  const logs = tf.logSoftmax(logits, 1);
  const shares = tf.exp(logs);
  const mean = tf.add(tf.mean(shares, 0), tiny);
  const ofSymbols = tf.neg(tf.sum(tf.mul(mean, tf.log(mean))));
  const given = tf.neg(tf.mean(tf.sum(tf.mul(shares, logs), 1)));
  return tf.sub(ofSymbols, given);
}

/**
 * mean of -log p(s | y) over the examples whose symbol is known, `[]`. Symbols are int32 `[batch]`;
 * -1 means unknown. Without any known it is 0.
 */
export function symbolCrossEntropy(logits: tf.Tensor, symbols: tf.Tensor1D): tf.Tensor {
  const known = tf.cast(tf.greaterEqual(symbols, 0), "float32");
  const surprise = tf.neg(ofSymbol(tf.logSoftmax(logits, 1), symbols));
  return tf.div(tf.sum(surprise), tf.maximum(tf.sum(known), 1));
}
