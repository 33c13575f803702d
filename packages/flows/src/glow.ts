/** Glow: the multi-scale flow for images. */
import { assertCount, assertPositiveInteger, fail, type TensorTree } from "@ergodic/tensor";
import { actnorm } from "./actnorm.js";
import type { Bijector } from "./bijector.js";
import { chain } from "./chain.js";
import { convConditioner, type ConvConditionerOptions } from "./conditioners.js";
import { coupling } from "./coupling.js";
import { affine, type AffineOptions } from "./elementwise.js";
import { flow, type Flow } from "./flow.js";
import { linear } from "./linear.js";
import { flattened, squeeze } from "./reshaping.js";
import { split } from "./split.js";

export interface GlowOptions extends ConvConditionerOptions, AffineOptions {
  /** Height, width and channels of an image. Both sides are multiples of 2^levels. */
  readonly shape: readonly [number, number, number];
  /** L: number of scales. Each level halves the sides. */
  readonly levels: number;
  /**
   * K: steps of flow per level. A step is activation normalisation, an invertible 1x1 convolution
   * and an affine coupling.
   */
  readonly steps: number;
  /** c of the bounded scale. Default 1. */
  readonly bound?: number;
}

type Shape = readonly [number, number, number];

function level([height, width, channels]: Shape, left: number, options: GlowOptions): Bijector {
  const squeezed: Shape = [height / 2, width / 2, 4 * channels];
  const features = squeezed[2];
  const { bound = 1, scale = "bounded" } = options;
  const step = (): Bijector[] => [
    actnorm({ channels: features }),
    linear({ features }),
    coupling({ features, transform: affine({ scale, bound }), network: convConditioner(options) }),
  ];
  const end =
    left === 1
      ? [actnorm({ channels: features }), flattened(squeezed)]
      : [split({ shape: squeezed, rest: level([squeezed[0], squeezed[1], features / 2], left - 1, options) })];
  return chain<readonly TensorTree[]>(squeeze(), ...Array.from({ length: options.steps }, step).flat(), ...end);
}

/**
 * L levels of squeeze, K steps and a split.
 *
 * The last level has no split: it learns a mean and a scale per channel instead.
 *
 * The noise of an image is a vector. It holds the early halves, largest scale first, and then the
 * last level. Each part is in row-major order with channels innermost.
 *
 * Scales are bounded by default, unlike in the paper. The paper's 1/σ(r + 2) is unbounded: the
 * generated image overflows when a chain moves far from the origin.
 *
 * Kingma and Dhariwal, "Glow: Generative Flow with Invertible 1x1 Convolutions", arXiv 1807.03039.
 *
 * @throws ValidationError for sizes that are not positive integers, or sides that are not multiples
 * of 2^levels.
 */
export function glow(options: GlowOptions): Flow {
  const { shape, levels, steps, width } = options;
  assertCount({ levels, steps }, 1000);
  assertPositiveInteger({ width, height: shape[0], "width of the image": shape[1], channels: shape[2] });
  if (shape[0] % 2 ** levels !== 0 || shape[1] % 2 ** levels !== 0) {
    fail(
      `an image of ${shape[0]}x${shape[1]} can't be halved ${levels} times`,
      `sides that are multiples of ${2 ** levels}`,
      "pad the image or use fewer levels",
    );
  }
  return flow(level(shape, levels, options), shape);
}
