/** Networks for couplings. All start with outputs of 0, so that a fresh coupling is the identity or near it. */
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

/** Fully connected, for vectors `[batch, inputs]`. */
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
  /** Whether activation normalisation, calibrated on the first batch, stands before each unit. Default true. */
  readonly normalized?: boolean;
}

type ConvParams = {
  readonly first: AffineParams;
  readonly second: AffineParams;
  readonly last: AffineParams;
  /** Logarithm, divided by 3, of what the outputs are multiplied by. */
  readonly outputScale: tf.Tensor;
  /** Of the two hidden layers; empty where nothing is normalised. */
  readonly norms: readonly ActnormParams[];
};

/**
 * Glow's network, for images: conv 3x3, unit, conv 1x1, unit, conv 3x3 (zeros), times exp(3 ℓ) per channel; the units are rectifiers after
 * activation normalisation. Weights of the first two start N(0, 0.05²). Kingma and Dhariwal, arXiv 1807.03039, appendix B.
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
