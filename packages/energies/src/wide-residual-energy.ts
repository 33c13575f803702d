/**
 * The wide residual network of diffusion recovery likelihood: an energy of images at a noise level.
 *
 * Gao et al., "Learning Energy-Based Models by Diffusion Recovery Likelihood", arXiv 2012.08125,
 * and its released code. The code writes the negative energy f; here E = -f.
 */
import { tidy } from "@ergodic/engine";
import {
  averagePool2d,
  channelGain,
  conditionedResidual,
  conv2d,
  dense,
  initializers,
  leakyRelu,
  refreshed,
  relu,
  sequential,
  sinusoidal,
  spectral,
  type AffineInit,
  type Conditioned,
  type Layer,
} from "@ergodic/nn";
import { assertOneOf, assertPositiveInteger, assertShape, fail, random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { ConditionalEnergy } from "./conditional-energy.js";

export interface WideResidualEnergyOptions {
  /** Height, width and channels of an image. Each halving must leave whole numbers of pixels. */
  readonly imageShape: readonly [number, number, number];
  /** ch, the base width; even, at least 4. Default 128. */
  readonly channels?: number;
  /** Widths of the resolutions in units of ch. Images are halved between them. */
  readonly multipliers: readonly number[];
  /** N, the residual blocks at each resolution. */
  readonly blocks: number;
  /**
   * - "recovery" (default): as in arXiv 2012.08125. The second convolution of a block starts near
   *   0, and its norm is capped at 1.
   * - "cooperative": as in arXiv 2309.05153. The second convolution starts like the others and has
   *   norm 1. A further activation follows the projected embedding. The head has no bias.
   */
  readonly design?: "recovery" | "cooperative";
}

export type WideResidualParams = {
  readonly embed: TensorTree;
  readonly stem: TensorTree;
  /** `[resolution][block]`. */
  readonly blocks: readonly (readonly TensorTree[])[];
  readonly head: TensorTree;
};

const glorot: AffineInit = { weight: initializers.xavierUniform, bias: initializers.zeros };
/** Variance 1e-10 times that of Glorot. */
const nearZero: AffineInit = {
  weight: initializers.scaled(initializers.xavierUniform, 1e-5),
  bias: initializers.zeros,
};

const act = leakyRelu({ slope: 0.2 });
const conv3x3 = (from: number, out: number, init = glorot) => conv2d({ in: from, out, kernel: 3, init });
const normed = <L extends Parameters<typeof spectral>[0]>(layer: L) => spectral(layer, { form: "standard" });

interface BlockOptions {
  readonly from: number;
  readonly out: number;
  readonly features: number;
  readonly design: "recovery" | "cooperative";
}

/**
 * skip + g · conv2(a(conv1(a(x)) + dense(a(e)))) for the embedding e. The skip is a 3x3 convolution
 * where the width changes.
 */
function block({ from, out, features, design }: BlockOptions): Layer<TensorTree, Conditioned> {
  const project = sequential<readonly TensorTree[]>(act, normed(dense({ in: features, out, init: glorot })));
  const cooperative = design === "cooperative";
  const second = cooperative ? normed(conv3x3(out, out)) : spectral(conv3x3(out, out, nearZero), { form: "capped" });
  const parts = {
    first: sequential<readonly TensorTree[]>(act, normed(conv3x3(from, out))),
    project: cooperative ? sequential<readonly TensorTree[]>(project, act) : project,
    second: sequential<readonly TensorTree[]>(act, second, channelGain({ channels: out })),
  };
  return (
    from === out ? conditionedResidual(parts) : conditionedResidual({ ...parts, skip: normed(conv3x3(from, out)) })
  ) as Layer<TensorTree, Conditioned>;
}

/** The products `w(a(e))` of the head as a layer: an affine map, or a linear one. */
function headMap(features: number, out: number, design: BlockOptions["design"]): Layer {
  const map = dense({ in: features, out, init: glorot });
  if (design === "recovery") return sequential<readonly TensorTree[]>(act, map) as Layer;
  return {
    init: (key) => ({ weight: map.init(key).weight }),
    apply: (params, e) => tf.matMul(act.apply([], e), (params as { weight: tf.Tensor }).weight),
  };
}

function assertSizes({
  imageShape,
  channels = 128,
  multipliers,
  blocks,
  design = "recovery",
}: WideResidualEnergyOptions) {
  const [height, width, colours] = imageShape;
  assertPositiveInteger({ height, width, channels: colours, blocks });
  assertOneOf({ design }, ["recovery", "cooperative"]);
  if (multipliers.length === 0) fail("multipliers is empty", "one width for each resolution", "for example [1, 2, 2]");
  multipliers.forEach((multiplier, i) => assertPositiveInteger({ [`multipliers[${i}]`]: multiplier }));
  const factor = 2 ** (multipliers.length - 1);
  if (height % factor !== 0 || width % factor !== 0) {
    fail(
      `images of ${height}x${width} have ${multipliers.length} resolutions`,
      `sides that are multiples of ${factor}`,
      "give fewer multipliers, or pad or scale the images",
    );
  }
  return { height, width, colours, channels, design };
}

/**
 * E(x; t) = -⟨w(a(e)), Σ relu(h)⟩, with e the embedding of t, h the last map of features, and a sum
 * over its positions.
 *
 * - x `[batch, height, width, channels]`, t `[batch]`, one number per example; energies `[batch]`.
 * - Stem and blocks are 3x3 convolutions with spectral normalisation. Images are averaged over 2x2
 *   pixels between resolutions. a is the leaky unit of slope 0.2.
 * - The embedding is two affine maps of `sinusoidal(t)`, to 4 ch features.
 * - The energy grows with the area of the last map, and is not 1-Lipschitz: the head has no norm.
 * - `refresh` advances the vectors of spectral normalisation. The released code advances them at
 *   every evaluation, in chains too. Here an update advances them once, and chains see one energy.
 *
 * @throws ValidationError for sizes that are not positive integers, sides that cannot be halved, or
 *   inputs of other shapes.
 */
export function wideResidualEnergy(options: WideResidualEnergyOptions): ConditionalEnergy<WideResidualParams> {
  const { multipliers, blocks: count } = options;
  const { height, width, colours, channels, design } = assertSizes(options);
  const features = 4 * channels;
  const widths = multipliers.map((multiplier) => multiplier * channels);
  const embed = sequential<readonly TensorTree[]>(
    sinusoidal({ width: channels }),
    normed(dense({ in: channels, out: features, init: glorot })),
    act,
    normed(dense({ in: features, out: features, init: glorot })),
  );
  const stem = normed(conv3x3(colours, channels)) as Layer<TensorTree>;
  const resolutions = widths.map((out, level) =>
    Array.from({ length: count }, (_, i) =>
      block({ from: i > 0 ? out : (widths[level - 1] ?? channels), out, features, design }),
    ),
  );
  const [halve, rectify] = [averagePool2d({ size: 2 }), relu()];
  const head = headMap(features, widths.at(-1)!, design);

  /** The last map. `visit` sees every block with its input, and gives the parameters to use. */
  function trunk(
    image: tf.Tensor,
    visit: (level: number, i: number, image: tf.Tensor) => TensorTree,
    condition: tf.Tensor,
  ): tf.Tensor {
    return resolutions.reduce<tf.Tensor>((input, layers, level) => {
      const smaller = level === 0 ? input : halve.apply([], input);
      return layers.reduce((h, layer, i) => layer.apply(visit(level, i, h), { image: h, condition }), smaller);
    }, image);
  }

  const assertInputs = (x: tf.Tensor, time: tf.Tensor): void => {
    const made = `this energy was made for images of [${options.imageShape.join(",")}]`;
    assertShape("the input of wideResidualEnergy", x, [null, height, width, colours], made);
    assertShape("the condition of wideResidualEnergy", time, [x.shape[0]!], "pass one number per example");
  };

  return {
    init: (key) => ({
      embed: embed.init(random.fold(key, 0)),
      stem: stem.init(random.fold(key, 1)),
      blocks: resolutions.map((layers, level) => {
        const levelKey = random.fold(random.fold(key, 2), level);
        return layers.map((layer, i) => layer.init(random.fold(levelKey, i)));
      }),
      head: head.init(random.fold(key, 3)),
    }),
    energy(params, x, time) {
      assertInputs(x, time);
      const embedded = embed.apply(params.embed as readonly TensorTree[], time);
      const map = trunk(stem.apply(params.stem, x), (level, i) => params.blocks[level]![i]!, embedded);
      const summed = tf.sum(rectify.apply([], map), [1, 2]);
      return tf.neg(tf.sum(tf.mul(summed, head.apply(params.head, embedded)), 1)) as tf.Tensor1D;
    },
    refresh: (params, x, time) =>
      tidy(() => {
        assertInputs(x, time);
        const moved = {
          embed: refreshed(embed, params.embed as readonly TensorTree[], time),
          stem: refreshed(stem, params.stem, x),
        };
        const embedded = embed.apply(moved.embed, time);
        const blocks = params.blocks.map((level) => [...level]);
        const visit = (level: number, i: number, image: tf.Tensor): TensorTree =>
          (blocks[level]![i] = refreshed(resolutions[level]![i]!, params.blocks[level]![i]!, {
            image,
            condition: embedded,
          }));
        trunk(stem.apply(moved.stem, x), visit, embedded);
        return { ...params, ...moved, blocks };
      }),
  };
}
