/**
 * Spectral normalisation: the weight of an affine layer is divided by an estimate of its largest
 * singular value.
 *
 * With W the weight as a matrix `[inputs, outputs]` and u the fixed vector of the layer:
 *   v = W u/|W u|,   w = Wᵀ v/|Wᵀ v|,   σ = vᵀ W w.
 * Gradients pass through the W of the last formula. v and w count as constants.
 *
 * Source: Miyato et al., "Spectral Normalization for Generative Adversarial Networks", arXiv
 * 1802.05957.
 */
import * as tf from "@tensorflow/tfjs-core";
import { detached, tidy } from "@ergodic/engine";
import { assertNonNegativeInteger, assertOneOf, random, squaredLength } from "@ergodic/tensor";
import type { AffineLayer, AffineParams, Layer } from "./layer.js";

export interface SpectralOptions {
  /**
   * "standard" is W/σ. "capped" is W/max(σ + 1e-6, 1), which keeps weights whose norm is below 1.
   */
  readonly form: "standard" | "capped";
}

/** Weight and bias of the layer. `direction` `[outputs, 1]` is u, with norm 1. */
export type SpectralParams = AffineParams & { readonly $fixed: { readonly direction: tf.Tensor } };

/** An affine layer whose divided weight can be read. */
export interface SpectralLayer extends Layer<SpectralParams> {
  /** The parameters of the layer inside: the weight that is applied, and the bias. */
  normalised(params: SpectralParams): AffineParams;
}

/** Norms below this count as zero. */
const tiny = 1e-12;
const capMargin = 1e-6;

/**
 * The weight as a matrix. Its columns are the outputs, and its rows are all other axes together.
 */
function matrixOf(weight: tf.Tensor, outputAxis: number): tf.Tensor {
  const outputs = weight.shape[outputAxis]!;
  const others = weight.shape.map((_, axis) => axis).filter((axis) => axis !== outputAxis);
  const outputsLast = outputAxis === weight.rank - 1 ? weight : tf.transpose(weight, [...others, outputAxis]);
  return tf.reshape(outputsLast, [weight.size / outputs, outputs]);
}

const length = (z: tf.Tensor): tf.Tensor => tf.sqrt(squaredLength(z));
const unit = (z: tf.Tensor): tf.Tensor => tf.div(z, tf.maximum(length(z), tiny));
const iterated = {
  /** W u/|W u|. */
  left: (matrix: tf.Tensor, right: tf.Tensor): tf.Tensor => unit(tf.matMul(matrix, right)),
  /** Wᵀ v/|Wᵀ v|. */
  right: (matrix: tf.Tensor, left: tf.Tensor): tf.Tensor => unit(tf.matMul(matrix, left, true)),
};

/** The divisor of the weight. */
function divisor(matrix: tf.Tensor, direction: tf.Tensor, form: SpectralOptions["form"]): tf.Tensor {
  const left = detached(matrix, (constant) => iterated.left(constant, direction));
  const right = detached(matrix, (constant) => iterated.right(constant, left));
  const norm = tf.sum(tf.mul(tf.matMul(matrix, right), left));
  if (form === "capped") return tf.maximum(tf.add(norm, capMargin), 1);
  return tf.where(tf.greater(norm, tiny), norm, tf.onesLike(norm));
}

/**
 * `layer` with its weight divided as `form` says. The bias and a weight of zeros are unchanged.
 *
 * The matrix is the weight as stored. For convolutions σ is therefore not the norm of the map of
 * images.
 *
 * `apply` takes one step of power iteration from u, while learning and in evaluation, and does not
 * store it. `refresh` stores it, u ← w, whatever the input.
 *
 * @throws ValidationError for another `form` or a `layer` that is not affine, and whatever `layer`
 *   throws.
 */
export function spectral(layer: AffineLayer, { form }: SpectralOptions): SpectralLayer {
  assertOneOf({ form }, ["standard", "capped"]);
  assertNonNegativeInteger({ "layer.outputAxis": layer.outputAxis }, "pass a dense or convolutional layer");
  const normalised = ({ weight, bias, $fixed: { direction } }: SpectralParams): AffineParams => ({
    weight: tf.div(weight, divisor(matrixOf(weight, layer.outputAxis), direction, form)),
    bias,
  });
  return {
    normalised,
    init(key) {
      const affine = layer.init(random.fold(key, 0));
      const outputs = affine.weight.shape[layer.outputAxis]!;
      const direction = tidy(() => unit(random.normal(random.fold(key, 1), [outputs, 1])));
      return { ...affine, $fixed: { direction } };
    },
    apply: (params, input) => layer.apply(normalised(params), input),
    refresh: (params) =>
      tidy(() => {
        const { direction } = params.$fixed;
        const matrix = matrixOf(params.weight, layer.outputAxis);
        const next = iterated.right(matrix, iterated.left(matrix, direction));
        // A weight of zeros has no direction. The old direction is kept for later weights.
        return { ...params, $fixed: { direction: tf.where(tf.greater(length(next), 0.5), next, direction) } };
      }),
  };
}
