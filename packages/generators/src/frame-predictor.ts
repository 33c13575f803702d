/** Predictors of the next frame from two frames, which lie side by side on the last axis. */
import * as tf from "@tensorflow/tfjs-core";
import {
  conv2d,
  instanceNorm,
  leakyRelu,
  relu,
  sequential,
  tanh,
  upsample2d,
  type AffineInit,
  type Layer,
} from "@ergodic/nn";
import { assertCount, assertPositiveInteger, assertShape, fail, random, type TensorTree } from "@ergodic/tensor";

/**
 * P(a, b) = b + network(a, b): the last frame and a change.
 *
 * @param network from `[batch, ..., 2 channels]` to `[batch, ..., channels]`
 */
export function lastFramePlus<P extends TensorTree>(network: Layer<P>): Layer<P> {
  return {
    init: (key) => network.init(key),
    apply(params, frames, learning) {
      const change = network.apply(params, frames, learning);
      return tf.add(tf.split(frames, 2, -1)[1]!, change);
    },
  };
}

export interface ImagePredictorOptions {
  /** Channels of a frame. */
  readonly channels: number;
  /** Halvings of the sides, log2 of the side or less. Default 8, for 256 pixels. */
  readonly levels?: number;
  /** Channels after the first halving. They double up to eight times as many. Default 64. */
  readonly width?: number;
  /** Default: U(±1/sqrt(fan-in)) for weights and biases. */
  readonly init?: AffineInit;
}

interface UNetParams {
  readonly [name: string]: TensorTree;
}

/**
 * A U-Net from two frames `[batch, height, width, 2 channels]` to the next, `[batch, height, width,
 * channels]` in (-1, 1).
 *
 * Each level halves the sides by a 4 x 4 convolution, and on the way back doubles them by repeated
 * pixels and a 3 x 3 convolution, beside which the map of the way down is kept. Instance
 * normalisation follows all convolutions but the first, the last and the innermost, whose map may
 * be a single pixel.
 *
 * Source: Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", arXiv
 * 1611.07004, as Recycle-GAN uses it.
 *
 * @throws ValidationError for sizes that are not positive integers, or sides that are no multiple
 *   of 2^levels
 */
export function imagePredictor({ channels, levels = 8, width = 64, init }: ImagePredictorOptions): Layer<UNetParams> {
  assertPositiveInteger({ channels, width });
  assertCount({ levels }, 12);
  const starts = init && { init };
  const widths = Array.from({ length: levels }, (_, level) => width * Math.min(8, 2 ** level));
  const normal = (of: number, level: number) =>
    level === 0 || level === levels - 1 ? [] : [instanceNorm({ channels: of })];
  const downs = widths.map((out, level) =>
    sequential<readonly TensorTree[]>(
      conv2d({ in: widths[level - 1] ?? 2 * channels, out, kernel: 4, stride: 2, ...starts }),
      ...normal(out, level),
      leakyRelu(),
    ),
  );
  /** From the maps of a level and what comes from below to the level above. */
  const ups = widths.map((own, level) => {
    const out = level === 0 ? channels : widths[level - 1]!;
    return sequential<readonly TensorTree[]>(
      upsample2d({ factor: 2 }),
      conv2d({ in: level === levels - 1 ? own : 2 * own, out, kernel: 3, ...starts }),
      ...(level === 0 ? [tanh()] : [instanceNorm({ channels: out }), relu()]),
    );
  });
  return {
    init: (key) =>
      Object.fromEntries([
        ...downs.map((layer, i) => [`down${i}`, layer.init(random.fold(key, i))] as const),
        ...ups.map((layer, i) => [`up${i}`, layer.init(random.fold(key, levels + i))] as const),
      ]),
    apply(params, frames, learning) {
      assertShape("the input of imagePredictor", frames, [null, null, null, 2 * channels], "two frames side by side");
      const [, height, right] = frames.shape as [number, number, number, number];
      if (height % 2 ** levels !== 0 || right % 2 ** levels !== 0)
        fail(`frames are ${height} x ${right}`, `sides that are multiples of ${2 ** levels}`, "use fewer levels");
      const maps: tf.Tensor[] = [];
      downs.forEach((layer, level) =>
        maps.push(layer.apply(params[`down${level}`] as readonly TensorTree[], maps.at(-1) ?? frames, learning)),
      );
      return ups.reduceRight<tf.Tensor | undefined>((below, layer, level) => {
        const input = below === undefined ? maps[level]! : tf.concat([maps[level]!, below], -1);
        return layer.apply(params[`up${level}`] as readonly TensorTree[], input, learning);
      }, undefined)!;
    },
  };
}
