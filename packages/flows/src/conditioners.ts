/**
 * Networks for couplings. All start with outputs of 0, so a fresh coupling is near the identity.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, random, type TensorTree } from "@ergodic/tensor";
import {
  activation,
  conv2d,
  dense,
  initializers,
  sequential,
  type ActivationName,
  type AffineParams,
  type Layer,
} from "@ergodic/nn";
import { actnorm, type ActnormParams } from "./actnorm.js";
import type { Conditioner } from "./coupling.js";

const zero = { weight: initializers.zeros, bias: initializers.zeros };

export interface MlpConditionerOptions {
  /** Sizes of the hidden layers. Default [64, 64]. */
  readonly widths?: readonly number[];
  /** Default "swish". */
  readonly activation?: ActivationName;
}

/** Fully connected network for vectors `[batch, inputs]`. */
export function mlpConditioner({ widths = [64, 64], activation: name = "swish" }: MlpConditionerOptions = {}) {
  widths.forEach((width, i) => assertPositiveInteger({ [`widths[${i}]`]: width }));
  return (inputs: number, outputs: number): Conditioner<readonly TensorTree[]> => {
    const sizes = [inputs, ...widths];
    const hidden = widths.flatMap((out, i): Layer<TensorTree>[] => [dense({ in: sizes[i]!, out }), activation(name)]);
    return sequential<readonly TensorTree[]>(...hidden, dense({ in: sizes.at(-1)!, out: outputs, init: zero }));
  };
}

export interface ConvConditionerOptions {
  /** Channels of the hidden layers. */
  readonly width: number;
  /**
   * Whether activation normalisation precedes each unit. It is calibrated on the first batch.
   * Default true.
   */
  readonly normalized?: boolean;
}

type ConvParams = {
  readonly first: AffineParams;
  readonly second: AffineParams;
  readonly last: AffineParams;
  /** ℓ per channel: the outputs are multiplied by exp(3 ℓ). */
  readonly outputScale: tf.Tensor;
  /** Normalisations of the two hidden layers. Empty without normalisation. */
  readonly norms: readonly ActnormParams[];
};

/**
 * Glow's network for images: conv 3x3, unit, conv 1x1, unit, conv 3x3 (zeros), times exp(3 ℓ) per
 * channel.
 *
 * A unit is activation normalisation followed by a rectifier. Weights of the first two convolutions
 * start N(0, 0.05²).
 * Kingma and Dhariwal, arXiv 1807.03039, appendix B.
 */
export function convConditioner({ width, normalized = true }: ConvConditionerOptions) {
  assertPositiveInteger({ width });
  const init = { weight: initializers.normal(0.05), bias: initializers.zeros };
  const norm = actnorm({ channels: width });
  return (inputs: number, outputs: number): Conditioner<ConvParams> => {
    const first = conv2d({ in: inputs, out: width, kernel: 3, init });
    const second = conv2d({ in: width, out: width, kernel: 1, init });
    const last = conv2d({ in: width, out: outputs, kernel: 3, init: zero });
    const unit = (params: ConvParams, layer: number, x: tf.Tensor): tf.Tensor =>
      tf.relu(normalized ? norm.forward(params.norms[layer]!, x).value : x);
    return {
      init: (key) => ({
        first: first.init(random.fold(key, 0)),
        second: second.init(random.fold(key, 1)),
        last: last.init(random.fold(key, 2)),
        outputScale: tf.zeros([outputs]),
        norms: normalized ? [norm.init(key), norm.init(key)] : [],
      }),
      apply(params, x) {
        const one = unit(params, 0, first.apply(params.first, x));
        const two = unit(params, 1, second.apply(params.second, one));
        return tf.mul(last.apply(params.last, two), tf.exp(tf.mul(3, params.outputScale)));
      },
      calibrate(params, x) {
        if (!normalized) return params;
        const before = first.apply(params.first, x);
        const one = norm.calibrate!(params.norms[0]!, before);
        const between = second.apply(params.second, tf.relu(norm.forward(one, before).value));
        return { ...params, norms: [one, norm.calibrate!(params.norms[1]!, between)] };
      },
    };
  };
}
