/**
 * The convolutions of the FID Inception network, in the order of its published description.
 *
 * Google published this network on 2015-12-05. It differs from the Inception v3 of torchvision in
 * its weights, its 1008 classes and some pools. Names are those of the weights file
 * `pt_inception-2015-12-05-6726825d.pth`.
 */

export interface Convolution {
  /** Prefix of the weights' names, for example `Mixed_5b.branch1x1`. */
  readonly name: string;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: number;
  /** "same" pads with zeros on all sides, "valid" does not pad. */
  readonly padding: "same" | "valid";
  readonly in: number;
  readonly out: number;
}

type Kernel = Convolution["kernel"];

const POINT: Kernel = [1, 1];
const SQUARE: Kernel = [3, 3];

const same = (name: string, kernel: Kernel, from: number, to: number): Convolution => ({
  ...{ name, kernel, stride: 1, padding: kernel === POINT ? "valid" : "same", in: from, out: to },
});
const halving = (name: string, from: number, to: number): Convolution => ({
  ...{ name, kernel: SQUARE, stride: 2, padding: "valid", in: from, out: to },
});

const within = (block: string, layers: readonly Convolution[]): Convolution[] =>
  layers.map((layer) => ({ ...layer, name: `${block}.${layer.name}` }));

const blockA = (block: string, channels: number, pooled: number): Convolution[] =>
  within(block, [
    same("branch1x1", POINT, channels, 64),
    same("branch5x5_1", POINT, channels, 48),
    same("branch5x5_2", [5, 5], 48, 64),
    same("branch3x3dbl_1", POINT, channels, 64),
    same("branch3x3dbl_2", SQUARE, 64, 96),
    same("branch3x3dbl_3", SQUARE, 96, 96),
    same("branch_pool", POINT, channels, pooled),
  ]);

const blockC = (block: string, inner: number): Convolution[] =>
  within(block, [
    same("branch1x1", POINT, 768, 192),
    same("branch7x7_1", POINT, 768, inner),
    same("branch7x7_2", [1, 7], inner, inner),
    same("branch7x7_3", [7, 1], inner, 192),
    same("branch7x7dbl_1", POINT, 768, inner),
    same("branch7x7dbl_2", [7, 1], inner, inner),
    same("branch7x7dbl_3", [1, 7], inner, inner),
    same("branch7x7dbl_4", [7, 1], inner, inner),
    same("branch7x7dbl_5", [1, 7], inner, 192),
    same("branch_pool", POINT, 768, 192),
  ]);

const blockE = (block: string, channels: number): Convolution[] =>
  within(block, [
    same("branch1x1", POINT, channels, 320),
    same("branch3x3_1", POINT, channels, 384),
    same("branch3x3_2a", [1, 3], 384, 384),
    same("branch3x3_2b", [3, 1], 384, 384),
    same("branch3x3dbl_1", POINT, channels, 448),
    same("branch3x3dbl_2", SQUARE, 448, 384),
    same("branch3x3dbl_3a", [1, 3], 384, 384),
    same("branch3x3dbl_3b", [3, 1], 384, 384),
    same("branch_pool", POINT, channels, 192),
  ]);

/**
 * All 94 convolutions without bias, each followed by batch normalisation (epsilon 0.001) and a
 * rectifier.
 */
export const convolutions: readonly Convolution[] = [
  halving("Conv2d_1a_3x3", 3, 32),
  { ...same("Conv2d_2a_3x3", SQUARE, 32, 32), padding: "valid" },
  same("Conv2d_2b_3x3", SQUARE, 32, 64),
  same("Conv2d_3b_1x1", POINT, 64, 80),
  { ...same("Conv2d_4a_3x3", SQUARE, 80, 192), padding: "valid" },
  ...blockA("Mixed_5b", 192, 32),
  ...blockA("Mixed_5c", 256, 64),
  ...blockA("Mixed_5d", 288, 64),
  ...within("Mixed_6a", [
    halving("branch3x3", 288, 384),
    same("branch3x3dbl_1", POINT, 288, 64),
    same("branch3x3dbl_2", SQUARE, 64, 96),
    halving("branch3x3dbl_3", 96, 96),
  ]),
  ...blockC("Mixed_6b", 128),
  ...blockC("Mixed_6c", 160),
  ...blockC("Mixed_6d", 160),
  ...blockC("Mixed_6e", 192),
  ...within("Mixed_7a", [
    same("branch3x3_1", POINT, 768, 192),
    halving("branch3x3_2", 192, 320),
    same("branch7x7x3_1", POINT, 768, 192),
    same("branch7x7x3_2", [1, 7], 192, 192),
    same("branch7x7x3_3", [7, 1], 192, 192),
    halving("branch7x7x3_4", 192, 192),
  ]),
  ...blockE("Mixed_7b", 1280),
  ...blockE("Mixed_7c", 2048),
];

/** Side of the square input images. */
export const INPUT_SIDE = 299;
/** Length of the features, `pool_3`. */
export const FEATURES = 2048;
/** Number of logits; 8 of them belong to no class. */
export const CLASSES = 1008;
/** Added to variances in batch normalisation. */
export const EPSILON = 0.001;
