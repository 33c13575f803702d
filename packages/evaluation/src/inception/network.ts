/**
 * The FID Inception network as a pure function, with batch normalisation folded into its
 * convolutions.
 *
 * It differs from torchvision's Inception v3 in more than its weights:
 * - Average pools divide by the number of cells inside the map.
 * - The last block uses max pooling.
 * - There are 1008 logits.
 */
import * as tf from "@tensorflow/tfjs-core";
import { convolutions, type Convolution } from "./layers.js";

/** A convolution with its normalisation: `weight` `[height, width, in, out]`, `bias` `[out]`. */
export interface FoldedConvolution {
  readonly weight: tf.Tensor4D;
  readonly bias: tf.Tensor1D;
}

export interface InceptionParams {
  /** Folded convolutions by the names of {@link convolutions}. */
  readonly convolutions: Readonly<Record<string, FoldedConvolution>>;
  /** `[2048, 1008]` */
  readonly classifier: tf.Tensor2D;
}

export interface InceptionOutputs {
  /** Maps by the names of blocks, `[batch, side, side, channels]`. */
  readonly maps: Readonly<Record<string, tf.Tensor4D>>;
  /** `[batch, 2048]`, all >= 0: the mean over the last map, `pool_3:0`. */
  readonly features: tf.Tensor2D;
  /** `[batch, 1008]`: `features classifier` without the bias, as for Inception Scores. */
  readonly logits: tf.Tensor2D;
}

type Convolve = (name: string, x: tf.Tensor4D) => tf.Tensor4D;
type Block = (through: Convolve, x: tf.Tensor4D) => tf.Tensor4D;

const concatenated = (...branches: tf.Tensor4D[]): tf.Tensor4D => tf.concat(branches, 3);
const averaged = (x: tf.Tensor4D): tf.Tensor4D => tf.avgPool(x, 3, 1, "same");
const largest = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 3, 1, "same");
const halved = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 3, 2, "valid");

/** Applies `stem` with `_1`, `_2`, ... up to `count` in sequence. */
const chain = (through: Convolve, stem: string, count: number, x: tf.Tensor4D): tf.Tensor4D =>
  Array.from({ length: count }, (_, i) => `${stem}_${i + 1}`).reduce((y, name) => through(name, y), x);

const blockA: Block = (through, x) =>
  concatenated(
    through("branch1x1", x),
    chain(through, "branch5x5", 2, x),
    chain(through, "branch3x3dbl", 3, x),
    through("branch_pool", averaged(x)),
  );

const blockB: Block = (through, x) =>
  concatenated(through("branch3x3", x), chain(through, "branch3x3dbl", 3, x), halved(x));

const blockC: Block = (through, x) =>
  concatenated(
    through("branch1x1", x),
    chain(through, "branch7x7", 3, x),
    chain(through, "branch7x7dbl", 5, x),
    through("branch_pool", averaged(x)),
  );

const blockD: Block = (through, x) =>
  concatenated(chain(through, "branch3x3", 2, x), chain(through, "branch7x7x3", 4, x), halved(x));

const blockE =
  (pooled: (x: tf.Tensor4D) => tf.Tensor4D): Block =>
  (through, x) => {
    const single = chain(through, "branch3x3", 1, x);
    const double = chain(through, "branch3x3dbl", 2, x);
    return concatenated(
      through("branch1x1", x),
      through("branch3x3_2a", single),
      through("branch3x3_2b", single),
      through("branch3x3dbl_3a", double),
      through("branch3x3dbl_3b", double),
      through("branch_pool", pooled(x)),
    );
  };

const blocks: Readonly<Record<string, Block>> = {
  Mixed_5b: blockA,
  Mixed_5c: blockA,
  Mixed_5d: blockA,
  Mixed_6a: blockB,
  Mixed_6b: blockC,
  Mixed_6c: blockC,
  Mixed_6d: blockC,
  Mixed_6e: blockC,
  Mixed_7a: blockD,
  Mixed_7b: blockE(averaged),
  Mixed_7c: blockE(largest),
};

const byName: ReadonlyMap<string, Convolution> = new Map(convolutions.map((layer) => [layer.name, layer]));

/**
 * Every map, the features and the logits. Unused results cost nothing when compiled.
 *
 * Sources: Rethinking the Inception Architecture for Computer Vision, arXiv 1512.00567; GANs
 * Trained by a Two Time-Scale Update Rule, arXiv 1706.08500.
 *
 * @param images `[batch, 299, 299, 3]` in 0..255
 */
export function inceptionNetwork(params: InceptionParams, images: tf.Tensor4D): InceptionOutputs {
  const convolve: Convolve = (name, x) => {
    const { stride, padding } = byName.get(name)!;
    const { weight, bias } = params.convolutions[name]!;
    return tf.relu(tf.add(tf.conv2d(x, weight, stride, padding), bias)) as tf.Tensor4D;
  };
  const maps: Record<string, tf.Tensor4D> = {};
  const scaled = tf.div(tf.sub(images, 128), 128) as tf.Tensor4D;
  const first = convolve("Conv2d_2a_3x3", convolve("Conv2d_1a_3x3", scaled));
  maps["Conv2d_2b_3x3"] = convolve("Conv2d_2b_3x3", first);
  maps["pool_1"] = halved(maps["Conv2d_2b_3x3"]);
  const second = convolve("Conv2d_4a_3x3", convolve("Conv2d_3b_1x1", maps["pool_1"]));
  maps["pool_2"] = halved(second);
  let x = maps["pool_2"];
  for (const [name, block] of Object.entries(blocks)) {
    x = block((layer, y) => convolve(`${name}.${layer}`, y), x);
    maps[name] = x;
  }
  const features = tf.mean(x, [1, 2]) as tf.Tensor2D;
  return { maps, features, logits: tf.matMul(features, params.classifier) };
}
