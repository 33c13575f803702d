/**
 * The image decoders of the papers, by data set.
 *
 * Sources of the sizes:
 * - SVHN and CelebA 128: Pang et al., arXiv 2006.08205, and its released code.
 * - CIFAR-10 and CelebA 64: re-implementations of that paper.
 * - MNIST: Yu et al., "Learning Energy-Based Prior Model with Diffusion-Amortized MCMC", arXiv
 *   2310.03218.
 */
import type { TensorTree } from "@ergodic/tensor";
import type { AffineInit } from "@ergodic/nn";
import type { SizedGenerator } from "./generator.js";
import { imageDecoder, type DecoderLayer } from "./image-decoder.js";

export interface DecoderPresetOptions {
  /** Default: the paper's. */
  readonly latentDimension?: number;
  /**
   * Unit of width, "ngf" in the papers' code: hidden channel counts are multiples of it. Default:
   * the paper's.
   */
  readonly features?: number;
  /** Slope of the leaky units. Default 0.2. */
  readonly slope?: number;
  /** Default: as in `imageDecoder`. */
  readonly init?: AffineInit;
}

type Preset = (options?: DecoderPresetOptions) => SizedGenerator<readonly TensorTree[]>;

/** ct(kernel, stride, padding, channels). */
const ct = (kernel: number, stride: number, padding: number, channels: number): DecoderLayer => ({
  kernel,
  stride,
  padding,
  channels,
});

/** A 4x4 layer of stride 2, which doubles the side. */
const doubling = (channels: number): DecoderLayer => ct(4, 2, 1, channels);

const preset =
  (latentDimension: number, features: number, layers: (features: number) => readonly DecoderLayer[]): Preset =>
  (options = {}) =>
    imageDecoder({
      ...options,
      latentDimension: options.latentDimension ?? latentDimension,
      layers: layers(options.features ?? features),
    });

/** SVHN, 32x32x3 from 100 numbers; 3,447,683 parameters. */
export const svhn32Decoder: Preset = preset(100, 64, (f) => [
  ct(4, 1, 0, 8 * f),
  doubling(4 * f),
  doubling(2 * f),
  doubling(3),
]);

/** CelebA, 64x64x3 from 100 numbers; 12,656,515 parameters. */
export const celeba64Decoder: Preset = preset(100, 128, (f) => [
  ct(4, 1, 0, 8 * f),
  doubling(4 * f),
  doubling(2 * f),
  doubling(f),
  doubling(3),
]);

/** CIFAR-10, 32x32x3 from 128 numbers; 18,883,075 parameters. */
export const cifar10Decoder: Preset = preset(128, 128, (f) => [
  ct(8, 1, 0, 8 * f),
  doubling(4 * f),
  doubling(2 * f),
  ct(3, 1, 1, 3),
]);

/** CelebA, 128x128x3 from 100 numbers; 47,851,395 parameters. */
export const celeba128Decoder: Preset = preset(100, 128, (f) => [
  ct(4, 1, 0, 16 * f),
  doubling(8 * f),
  doubling(4 * f),
  doubling(2 * f),
  doubling(f),
  doubling(3),
]);

/** MNIST, 28x28x1 from 8 numbers; 10,891,265 parameters. */
export const mnist28Decoder: Preset = preset(8, 128, (f) => [
  ct(7, 1, 0, 8 * f),
  doubling(4 * f),
  doubling(2 * f),
  ct(3, 1, 1, 1),
]);
