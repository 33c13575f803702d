/**
 * Image-to-image networks: an encoder, residual blocks at its lowest resolution, and a decoder.
 *
 * The layout is that of Johnson et al., "Perceptual Losses for Real-Time Style Transfer and
 * Super-Resolution", arXiv 1603.08155, as CycleGAN (arXiv 1703.10593) and CycleCoopNets (arXiv
 * 2103.04285) use it.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  conv2d,
  convTranspose2d,
  dropoutLayer,
  instanceNorm,
  reflectionPad2d,
  relu,
  residual,
  sequential,
  tanh,
  upsample2d,
  type AffineInit,
  type Layer,
  type NormOptions,
} from "@ergodic/nn";
import {
  assertInRange,
  assertNonNegativeInteger,
  assertOneOf,
  assertPositiveInteger,
  assertShape,
  fail,
  type TensorTree,
} from "@ergodic/tensor";

export interface ImageTranslatorOptions {
  /** Channels of the images that come in. */
  readonly in: number;
  /** Channels of the images that go out. */
  readonly out: number;
  /** Channels at full size. They double with each halving of the sides. Default 64. */
  readonly width?: number;
  /** Halvings of the sides. Default 2. */
  readonly halvings?: number;
  /** Residual blocks at the lowest resolution. Default 9. */
  readonly blocks?: number;
  /** Kernel side of the first and the last convolution, odd. Default 7. */
  readonly outerKernel?: number;
  /** Kernel side of the convolutions that halve the sides. Default 3. */
  readonly halvingKernel?: number;
  /** What is around images and inner maps: their mirror image, or zeros. Default "mirror". */
  readonly border?: "mirror" | "zeros";
  /**
   * How sides double: repeated pixels and a 3x3 convolution, or a transposed 3x3 convolution, which
   * may leave a checkerboard. Default "nearest".
   */
  readonly doubling?: "nearest" | "transposed";
  /** Rate of dropout inside the residual blocks. Default 0. */
  readonly dropout?: number;
  /** Default: U(±1/sqrt(fan-in)) for weights and biases. */
  readonly init?: AffineInit;
  /**
   * ε and the initial scales and offsets of instance normalisation. Default: those of
   * `instanceNorm`.
   */
  readonly norm?: Omit<NormOptions, "channels">;
}

/** A translator of images of any size. */
export interface ImageTranslator extends Layer<readonly TensorTree[]> {
  /** How many numbers its parameters hold. */
  readonly parameterCount: number;
  /** Channels of the images that come in. */
  readonly inputChannels: number;
}

/**
 * G(x) = tanh(conv(… x …)), images `[batch, height, width, in]` to `[batch, height, width, out]` in
 * (-1, 1).
 *
 * - A convolution to `width` channels, then `halvings` of stride 2 that double the channels.
 * - `blocks` residual blocks: convolution, normalisation, unit, dropout, convolution,
 *   normalisation, and the sum with the input, without a unit after it.
 * - As many doublings of the sides, and a convolution to `out` channels.
 *
 * Instance normalisation and max(0, x) follow each convolution but the last, so an image is
 * translated alike in any batch. Sides that are no multiple of 2^halvings are filled up by mirrored
 * pixels, which are cut off again.
 *
 * @throws ValidationError for options out of range, an image with other channels, or one too small
 *   for its border.
 */
export function imageTranslator(options: ImageTranslatorOptions): ImageTranslator {
  const { in: channels, out, width = 64, halvings = 2, blocks = 9, outerKernel = 7, halvingKernel = 3 } = options;
  const { border = "mirror", doubling = "nearest", dropout = 0, init, norm = {} } = options;
  assertPositiveInteger({ in: channels, out, width, outerKernel, halvingKernel });
  assertNonNegativeInteger({ halvings, blocks });
  assertOneOf({ border }, ["mirror", "zeros"]);
  assertOneOf({ doubling }, ["nearest", "transposed"]);
  assertInRange({ dropout }, { min: 0, max: 1, maxOpen: true });
  if (outerKernel % 2 === 0) fail(`outerKernel is ${outerKernel}`, "an odd number");
  const starts = init && { init };
  const multiple = 2 ** halvings;
  const widths = Array.from({ length: halvings + 1 }, (_, i) => width * 2 ** i);
  const lowest = widths.at(-1)!;

  type Layers = readonly Layer<TensorTree>[];
  /** A convolution that keeps the sides. */
  const around = (from: number, to: number, kernel: number): Layers =>
    border === "zeros"
      ? [conv2d({ in: from, out: to, kernel, ...starts })]
      : [
          reflectionPad2d({ size: (kernel - 1) / 2 }),
          conv2d({ in: from, out: to, kernel, padding: "valid", ...starts }),
        ];
  const normal = (of: number): Layer<TensorTree> => instanceNorm({ ...norm, channels: of });
  const halved = (from: number): Layers => [
    conv2d({ in: from, out: 2 * from, kernel: halvingKernel, stride: 2, ...starts }),
    normal(2 * from),
    relu(),
  ];
  const doubled = (to: number): Layers => [
    ...(doubling === "transposed"
      ? [convTranspose2d({ in: 2 * to, out: to, kernel: 3, stride: 2, padding: "same", ...starts })]
      : [upsample2d({ factor: 2 }), conv2d({ in: 2 * to, out: to, kernel: 3, ...starts })]),
    normal(to),
    relu(),
  ];
  const block = (): Layer<TensorTree> =>
    residual(
      sequential<readonly TensorTree[]>(
        ...around(lowest, lowest, 3),
        normal(lowest),
        relu(),
        ...(dropout === 0 ? [] : [dropoutLayer({ rate: dropout })]),
        ...around(lowest, lowest, 3),
        normal(lowest),
      ),
    );
  const network = sequential<readonly TensorTree[]>(
    ...around(channels, width, outerKernel),
    normal(width),
    relu(),
    ...widths.slice(0, -1).flatMap(halved),
    ...Array.from({ length: blocks }, block),
    ...widths.slice(0, -1).reverse().flatMap(doubled),
    ...around(width, out, outerKernel),
    tanh(),
  );

  const convolution = (kernel: number, from: number, to: number): number => kernel * kernel * from * to + to;
  const parameterCount =
    convolution(outerKernel, channels, width) +
    2 * width +
    widths.slice(0, -1).reduce((sum, from) => sum + convolution(halvingKernel, from, 2 * from) + 4 * from, 0) +
    blocks * 2 * (convolution(3, lowest, lowest) + 2 * lowest) +
    widths.slice(0, -1).reduce((sum, to) => sum + convolution(3, 2 * to, to) + 2 * to, 0) +
    convolution(outerKernel, width, out);

  return {
    ...{ parameterCount, inputChannels: channels },
    init: (key) => network.init(key),
    apply(params, input, learning) {
      assertShape(
        "the input of imageTranslator",
        input,
        [null, null, null, channels],
        "images are [batch, height, width, channels]",
      );
      const [batch, height, width] = input.shape as [number, number, number, number];
      const [below, right] = [height, width].map((side) => (multiple - (side % multiple)) % multiple) as [
        number,
        number,
      ];
      if (below === 0 && right === 0) return network.apply(params, input, learning);
      const filled = tf.mirrorPad(
        input as tf.Tensor4D,
        [
          [0, 0],
          [0, below],
          [0, right],
          [0, 0],
        ],
        "symmetric",
      );
      return tf.slice(network.apply(params, filled, learning), [0, 0, 0, 0], [batch, height, width, out]);
    },
  };
}
