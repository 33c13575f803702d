/**
 * A U-Net with a number as condition: an image of the same size, such as cleaner data given a noise
 * level.
 *
 * Ho et al., "Denoising Diffusion Probabilistic Models", arXiv 2006.11239, appendix B, with the
 * conditioning of Dhariwal and Nichol, arXiv 2105.05233: scale and shift after normalisation.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  averagePool2d,
  conv2d,
  dense,
  groupNorm,
  initializers,
  scaleAndShift,
  selfAttention,
  sequential,
  sinusoidal,
  swish,
  upsample2d,
  type AffineInit,
  type Conditioned,
  type Layer,
} from "@ergodic/nn";
import { assertPositiveInteger, assertShape, fail, random, type Key, type TensorTree } from "@ergodic/tensor";

export interface ConditionalUnetOptions {
  /** Height, width and channels of an image. */
  readonly imageShape: readonly [number, number, number];
  /** Channels at full size; a multiple of 4. Default 64. */
  readonly channels?: number;
  /** Channels of the resolutions in units of `channels`. Default [1, 2, 2, 2]. */
  readonly multipliers?: readonly number[];
  /** Residual blocks at each resolution, on the way down and on the way up. Default 2. */
  readonly blocks?: number;
  /** Sides at which positions attend to each other. Default [16, 8]. */
  readonly attention?: readonly number[];
}

const glorot: AffineInit = { weight: initializers.xavierUniform, bias: initializers.zeros };
const zero: AffineInit = { weight: initializers.zeros, bias: initializers.zeros };

const conv = (from: number, out: number, init = glorot) => conv2d({ in: from, out, kernel: 3, init });

/** Channels come in groups of at least four. */
const normed = (channels: number) => groupNorm({ channels, groups: Math.min(32, channels / 4) });

type Parts = Readonly<Record<string, Layer<TensorTree, never>>>;

/** The parameters of named parts, each from a key of its own. */
const initParts = (parts: Parts, key: Key): Record<string, TensorTree> =>
  Object.fromEntries(Object.entries(parts).map(([name, part], i) => [name, part.init(random.fold(key, i))]));

interface BlockOptions {
  readonly from: number;
  readonly out: number;
  readonly features: number;
  readonly attends: boolean;
}

/**
 * h = conv(a(norm(x))), y = skip(x) + conv(a((1 + s(e)) norm(h) + t(e))), and attention added to y.
 */
function block({ from, out, features, attends }: BlockOptions): Layer<TensorTree, Conditioned> {
  const first = sequential<readonly TensorTree[]>(normed(from), swish(), conv(from, out));
  const norm = normed(out);
  const modulate = scaleAndShift({ channels: out, features });
  const second = sequential<readonly TensorTree[]>(swish(), conv(out, out));
  const skip = from === out ? undefined : conv2d({ in: from, out, kernel: 1, init: glorot });
  const attend = attends ? sequential<readonly TensorTree[]>(normed(out), selfAttention({ channels: out })) : undefined;
  const parts = { first, norm, modulate, second, ...(skip && { skip }), ...(attend && { attend }) };
  return {
    init: (key) => initParts(parts as unknown as Parts, key),
    apply(given, { image, condition }) {
      const params = given as Record<keyof typeof parts, never>;
      const inside = norm.apply(params.norm, first.apply(params.first, image));
      const moved = second.apply(params.second, modulate.apply(params.modulate, { image: inside, condition }));
      const sum = tf.add(skip === undefined ? image : skip.apply(params.skip!, image), moved);
      return attend === undefined ? sum : tf.add(sum, attend.apply(params.attend!, sum));
    },
  };
}

/**
 * x + f(x, c) for images x `[batch, height, width, channels]` and a number c for each, `[batch]`.
 *
 * The last convolution starts at zero, so a fresh network returns its input.
 *
 * @throws ValidationError for sizes that are not positive integers, sides that cannot be halved, or
 *   inputs of other shapes.
 */
export function conditionalUnet(options: ConditionalUnetOptions): Layer<TensorTree, Conditioned> {
  const { imageShape, channels = 64, multipliers = [1, 2, 2, 2], blocks = 2, attention = [16, 8] } = options;
  const [height, width, colours] = imageShape;
  assertPositiveInteger({ height, width, colours, channels, blocks });
  multipliers.forEach((multiplier, i) => assertPositiveInteger({ [`multipliers[${i}]`]: multiplier }));
  const factor = 2 ** Math.max(0, multipliers.length - 1);
  if (channels % 4 !== 0) fail(`channels is ${channels}`, "a multiple of 4, for groups of channels");
  if (multipliers.length === 0 || height % factor !== 0 || width % factor !== 0) {
    fail(
      `images of ${height}x${width} have ${multipliers.length} resolutions`,
      `at least one, and sides that are multiples of ${factor}`,
      "give other multipliers, or pad the images",
    );
  }
  const features = 4 * channels;
  const widths = multipliers.map((multiplier) => multiplier * channels);
  const attends = (level: number): boolean => attention.includes(height / 2 ** level);
  const embed = sequential<readonly TensorTree[]>(
    sinusoidal({ width: channels }),
    dense({ in: channels, out: features, init: glorot }),
    swish(),
    dense({ in: features, out: features, init: glorot }),
    swish(),
  );
  const stem = conv(colours, channels);
  const of = (from: number, out: number, level: number) => block({ from, out, features, attends: attends(level) });
  const down = widths.map((out, level) =>
    Array.from({ length: blocks }, (_, i) => of(i > 0 ? out : (widths[level - 1] ?? channels), out, level)),
  );
  const last = widths.length - 1;
  const middle = [of(widths[last]!, widths[last]!, last), of(widths[last]!, widths[last]!, last)];
  // On the way up every block also sees one map of the way down.
  const up = widths.map((out, level) =>
    Array.from({ length: blocks }, (_, i) =>
      of(out + (i > 0 ? out : (widths[level + 1] ?? widths[last]!)), out, level),
    ),
  );
  const head = sequential<readonly TensorTree[]>(normed(widths[0]!), swish(), conv(widths[0]!, colours, zero));
  const [halve, double] = [averagePool2d({ size: 2 }), upsample2d({ factor: 2 })];

  type Params = {
    readonly embed: TensorTree;
    readonly stem: TensorTree;
    readonly down: readonly (readonly TensorTree[])[];
    readonly middle: readonly TensorTree[];
    readonly up: readonly (readonly TensorTree[])[];
    readonly head: TensorTree;
  };
  const nested = (layers: readonly (readonly Layer<TensorTree, Conditioned>[])[], key: Key) =>
    layers.map((row, level) => row.map((layer, i) => layer.init(random.fold(random.fold(key, level), i))));

  return {
    init: (key) => ({
      embed: embed.init(random.fold(key, 0)),
      stem: stem.init(random.fold(key, 1)),
      down: nested(down, random.fold(key, 2)),
      middle: nested([middle], random.fold(key, 3))[0]!,
      up: nested(up, random.fold(key, 4)),
      head: head.init(random.fold(key, 5)),
    }),
    apply(given, { image, condition: number }) {
      assertShape("the image of conditionalUnet", image, [null, height, width, colours], "images have this shape");
      assertShape("the condition of conditionalUnet", number, [image.shape[0]!], "pass one number per example");
      const params = given as Params;
      const condition = embed.apply(params.embed as readonly TensorTree[], number);
      const seen: tf.Tensor[][] = [];
      let h = stem.apply(params.stem as never, image);
      down.forEach((row, level) => {
        if (level > 0) h = halve.apply([], h);
        seen.push(row.map((layer, i) => (h = layer.apply(params.down[level]![i]!, { image: h, condition }))));
      });
      middle.forEach((layer, i) => (h = layer.apply(params.middle[i]!, { image: h, condition })));
      for (let level = last; level >= 0; level--) {
        if (level < last) h = double.apply([], h);
        up[level]!.forEach((layer, i) => {
          const joined = tf.concat([h, seen[level]!.pop()!], 3);
          h = layer.apply(params.up[level]![i]!, { image: joined, condition });
        });
      }
      return tf.add(image, head.apply(params.head as readonly TensorTree[], h));
    },
  };
}
