/**
 * The convolutional energy of images: strided convolutions down to a small map, then one affine
 * number of the whole map, or of each of its places.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  assertNonNegativeInteger,
  assertOneOf,
  assertPositiveInteger,
  assertShape,
  fail,
  type TensorTree,
} from "@ergodic/tensor";
import {
  activationOf,
  conv2d,
  dense,
  flatten,
  pointwise,
  sequential,
  type ActivationLayer,
  type ActivationName,
  type AffineInit,
  type Layer,
} from "@ergodic/nn";
import type { EnergyModel } from "./energy-model.js";
import { networkEnergy } from "./network-energy.js";

export interface ConvEnergyOptions {
  /** Height, width and channels of an image, for example [28, 28, 1]. */
  readonly imageShape: readonly [number, number, number];
  /** Channels after each convolution. Default [32, 64, 128]. */
  readonly widths?: readonly number[];
  /** Kernel side of each convolution. Default 3 for the first and 4 for the others. */
  readonly kernels?: readonly number[];
  /** Stride of each convolution. Default 1 for the first and 2 for the others. */
  readonly strides?: readonly number[];
  /** "same" as in TensorFlow, or the zeros added on each side. Default "same". */
  readonly padding?: "same" | number;
  /**
   * What the head sees. "dense" sees the whole map, which ties the energy to images of one size.
   * "local" sees one place of the map at a time, and its numbers at all places are added, so that the
   * energy takes images of any size. Default "dense".
   */
  readonly head?: "dense" | "local";
  /** Numbers of the head, whose sum is the energy. Default 1. */
  readonly outputs?: number;
  /** A name, or any layer without parameters. Default "leakyRelu" (slope 0.2). */
  readonly activation?: ActivationName | ActivationLayer;
  /** Default: U(±1/sqrt(fan-in)) for weights and biases. */
  readonly init?: AffineInit;
  /** Of the head; with zeros the energy starts at 0 everywhere. Default: `init`. */
  readonly headInit?: AffineInit;
}

/**
 * E(x) = Σ_j w_j · h + b_j over `outputs` j, with the map h = a(conv_L(… a(conv_1(x)) …)). With a
 * local head it is Σ_p Σ_j w_j · h_p + b_j over the places p of the map: a sum of equal energies of
 * windows of the image.
 *
 * x `[batch, height, width, channels]`, energies `[batch]`. The default is a 3x3 convolution at
 * full size followed by 4x4 convolutions of stride 2, each of which halves the sides, and a dense
 * head over what is left: 28x28 becomes 7x7 with 128 channels. With a local head, `imageShape` gives
 * the channels, and images have any size that leaves a place. Under Adam, n outputs learn like one
 * output at n times the learning rate.
 *
 * @throws ValidationError for sizes that are not positive integers, lists of unequal length, an
 *   unknown activation, or an x of another shape.
 */
export function convEnergy(options: ConvEnergyOptions): EnergyModel<readonly TensorTree[]> {
  const { imageShape, widths = [32, 64, 128], activation: chosen = "leakyRelu", init, headInit = init } = options;
  const { padding = "same", outputs = 1, head = "dense" } = options;
  const { kernels = widths.map((_, i) => (i === 0 ? 3 : 4)), strides = widths.map((_, i) => (i === 0 ? 1 : 2)) } =
    options;
  const [height, width, channels] = imageShape;
  assertPositiveInteger({ height, width, channels, outputs });
  if (padding !== "same") assertNonNegativeInteger({ padding });
  assertOneOf({ head }, ["dense", "local"]);
  if (widths.length === 0) fail("widths is empty", "at least one convolution", "for example [32, 64, 128]");
  for (const [name, list] of Object.entries({ widths, kernels, strides })) {
    list.forEach((value, i) => assertPositiveInteger({ [`${name}[${i}]`]: value }));
    if (list.length !== widths.length) {
      fail(
        `${name} has ${list.length} entries`,
        `${widths.length}, one per entry of widths`,
        "give one value per convolution",
      );
    }
  }
  const affine = init && { init };
  const between = activationOf(chosen);
  const convolutions = widths.flatMap((out, i): Layer<TensorTree>[] => [
    conv2d({
      in: widths[i - 1] ?? channels,
      out,
      kernel: kernels[i]!,
      stride: strides[i]!,
      padding,
      ...affine,
    }),
    between,
  ]);
  const after = (size: number, i: number): number =>
    padding === "same"
      ? Math.ceil(size / strides[i]!)
      : Math.floor((size + 2 * padding - kernels[i]!) / strides[i]!) + 1;
  const side = (size: number): number => widths.reduce((left, _, i) => after(left, i), size);
  if (!(side(Math.min(height, width)) >= 1))
    fail(`images of ${height} x ${width} leave nothing for the head`, "larger images, or fewer or smaller strides");
  const last = widths.at(-1)!;
  const affineHead = headInit && { init: headInit };
  const heads = {
    dense: () => [flatten(), dense({ in: side(height) * side(width) * last, out: outputs, ...affineHead })],
    local: () => [
      conv2d({ in: last, out: outputs, kernel: 1, ...affineHead }),
      pointwise((map) => tf.sum(map, [1, 2])),
    ],
  } as const;
  const network = sequential<readonly TensorTree[]>(...convolutions, ...heads[head]());
  const model = networkEnergy(network, { outputs });
  return {
    ...model,
    energy(params, x, learning) {
      assertShape(
        "the input of convEnergy",
        x,
        head === "local" ? [null, null, null, channels] : [null, height, width, channels],
        "images are [batch, height, width, channels]",
      );
      return model.energy(params, x, learning);
    },
  };
}
