/**
 * Spectral normalisation: the weight of an affine layer divided by an estimate of its largest singular value.
 *
 * Miyato et al., "Spectral Normalization for Generative Adversarial Networks", arXiv 1802.05957. With W the weight as a matrix
 * `[inputs, outputs]` and u the fixed vector of the layer:
 *   v = W u/|W u|,   w = Wᵀ v/|Wᵀ v|,   σ = vᵀ W w.
 * Gradients pass through σ by the W in this last formula; v and w count as constants.
 */
import * as tf from "@tensorflow/tfjs-core";
import { detached, tidy } from "@ergodic/engine";
import { assertNonNegativeInteger, assertOneOf, random } from "@ergodic/tensor";
import type { AffineLayer, AffineParams, Layer } from "./layer.js";

export interface SpectralOptions {
  /** "standard": W/σ. "capped": W/max(σ + 1e-6, 1), which leaves norms below 1 as they are, near-zero weights for instance. */
  readonly form: "standard" | "capped";
}

/** Weight and bias are those of the layer. `direction` `[outputs, 1]` is u, of norm 1. */
export type SpectralParams = AffineParams & { readonly $fixed: { readonly direction: tf.Tensor } };

/** A norm below this counts as zero. */
const tiny = 1e-12;
const capMargin = 1e-6;

/** The columns are the outputs. All axes but that of the outputs are one. */
function matrixOf(weight: tf.Tensor, outputAxis: number): tf.Tensor {
  const outputs = weight.shape[outputAxis]!;
  const others = weight.shape.map((_, axis) => axis).filter((axis) => axis !== outputAxis);
  const outputsLast = outputAxis === weight.rank - 1 ? weight : tf.transpose(weight, [...others, outputAxis]);
  return tf.reshape(outputsLast, [weight.size / outputs, outputs]);
}

const unit = (z: tf.Tensor): tf.Tensor => tf.div(z, tf.maximum(tf.norm(z), tiny));
const iterated = {
  /** W u/|W u|. */
  left: (matrix: tf.Tensor, right: tf.Tensor): tf.Tensor => unit(tf.matMul(matrix, right)),
  /** Wᵀ v/|Wᵀ v|. */
  right: (matrix: tf.Tensor, left: tf.Tensor): tf.Tensor => unit(tf.matMul(matrix, left, true)),
};

/** What the weight is divided by. */
function divisor(matrix: tf.Tensor, direction: tf.Tensor, form: SpectralOptions["form"]): tf.Tensor {
  const left = detached(matrix, (constant) => iterated.left(constant, direction));
  const right = detached(matrix, (constant) => iterated.right(constant, left));
  const norm = tf.sum(tf.mul(tf.matMul(matrix, right), left));
  if (form === "capped") return tf.maximum(tf.add(norm, capMargin), 1);
  return tf.where(tf.greater(norm, tiny), norm, tf.onesLike(norm));
}

/**
 * `layer` with the weight divided as `form` says; a weight of zeros stays. The bias is left alone. The matrix is the weight as it is
 * stored, so for convolutions σ is not the norm of the map of images.
 *
 * `apply` makes one step of power iteration from u, while learning and in evaluation, and does not keep it. `refresh` keeps it,
 * whatever the input: u ← w.
 *
 * @throws ValidationError when `form` is neither or `layer` is not affine; whatever `layer` throws.
 */
export function spectral(layer: AffineLayer, { form }: SpectralOptions): Layer<SpectralParams> {
  assertOneOf({ form }, ["standard", "capped"]);
  assertNonNegativeInteger({ "layer.outputAxis": layer.outputAxis }, "pass a dense or convolutional layer");
  return {
    init(key) {
      const affine = layer.init(random.fold(key, 0));
      const outputs = affine.weight.shape[layer.outputAxis]!;
      const direction = tidy(() => unit(random.normal(random.fold(key, 1), [outputs, 1])));
      return { ...affine, $fixed: { direction } };
    },
    apply({ weight, bias, $fixed: { direction } }, input) {
      const matrix = matrixOf(weight, layer.outputAxis);
      return layer.apply({ weight: tf.div(weight, divisor(matrix, direction, form)), bias }, input);
    },
    refresh: (params) =>
      tidy(() => {
        const { direction } = params.$fixed;
        const matrix = matrixOf(params.weight, layer.outputAxis);
        const next = iterated.right(matrix, iterated.left(matrix, direction));
        // A weight of zeros has no direction; the old one waits for better ones.
        return { ...params, $fixed: { direction: tf.where(tf.greater(tf.norm(next), 0.5), next, direction) } };
      }),
  };
}
