/**
 * Resizing, normalisation with given moments, local response normalisation, and flips of images.
 */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe } from "vitest";
import { check, integers, normal, positive, shapeOf, size, type Case } from "./kernel-cases.js";

const extent = fc.integer({ min: 1, max: 7 });
/** TensorFlow.js refuses aligned corners together with half-pixel centres. */
const alignments = fc.constantFrom<readonly [boolean, boolean]>([false, false], [true, false], [false, true]);
const images = fc.record({ channels: size, from: fc.tuple(extent, extent), to: fc.tuple(extent, extent), alignments });

const resizes: Case[] = (["ResizeBilinear", "ResizeNearestNeighbor"] as const).flatMap((name): Case[] => [
  [
    name,
    images.map(({ channels, from, to, alignments: [corners, centres] }) => ({
      fn: (x: tf.Tensor4D) =>
        tf.image[name === "ResizeBilinear" ? "resizeBilinear" : "resizeNearestNeighbor"](x, to, corners, centres),
      inputs: [normal([2, ...from, channels])],
    })),
  ],
  [
    `${name}Grad`,
    images.map(({ channels, from, to, alignments: [alignCorners] }) => {
      // The gradient kernels of the plain backend have several faults, which these shapes avoid:
      //
      // - Both ignore half-pixel centres, and cannot align the corners of a single pixel.
      // - The bilinear kernel swaps the axes of images that are not square.
      // - The nearest-neighbour kernel is right for the first image alone.
      const [height, width] = alignCorners ? [from[0] + 1, from[1] + 1] : from;
      const shape = name === "ResizeBilinear" ? [2, height, height, channels] : [1, height, width, channels];
      return {
        fn: (images: tf.Tensor, dy: tf.Tensor) =>
          tf.engine().runKernel(`${name}Grad`, { images, dy }, { alignCorners, halfPixelCenters: false }) as tf.Tensor,
        inputs: [normal(shape), normal([shape[0]!, ...to, channels])],
        differentiable: false,
      };
    }),
  ],
]);

describe("resizing", () => {
  check(
    [
      ...resizes,
      [
        "resizeNearestNeighbor of integers",
        images.map(({ channels, from, to }) => ({
          fn: (x: tf.Tensor4D) => tf.image.resizeNearestNeighbor(x, to),
          inputs: [integers([2, ...from, channels], -9, 9)],
          differentiable: false,
        })),
      ],
    ],
    8,
  );
});

const normalisations: Case[] = [
  [
    "batchNorm",
    fc.tuple(size, size, size, fc.boolean(), fc.boolean()).map(([h, w, c, withOffset, withScale]) => ({
      fn: (x: tf.Tensor4D, mean: tf.Tensor1D, variance: tf.Tensor1D, offset: tf.Tensor1D, scale: tf.Tensor1D) =>
        tf.batchNorm(x, mean, variance, withOffset ? offset : undefined, withScale ? scale : undefined, 1e-3),
      inputs: [normal([2, h, w, c]), normal([c]), positive([c]), normal([c]), normal([c])],
      // TensorFlow.js cannot save an absent scale, and requests the gradient of an absent offset.
      differentiable: withOffset && withScale,
    })),
  ],
  [
    "batchNorm by moments of the full rank",
    fc.tuple(size, size, size).map(([h, w, c]) => ({
      fn: (x: tf.Tensor4D, mean: tf.Tensor4D, variance: tf.Tensor4D, offset: tf.Tensor4D, scale: tf.Tensor4D) =>
        tf.batchNorm(x, mean, variance, offset, scale),
      inputs: [normal, normal, positive, normal, normal].map((domain) => domain([2, h, w, c])),
    })),
  ],
  [
    "batchNorm of flat features",
    fc.tuple(size, size).map(([n, c]) => ({
      fn: (x: tf.Tensor2D, mean: tf.Tensor1D, variance: tf.Tensor1D) => tf.batchNorm2d(x, mean, variance),
      inputs: [normal([n, c]), normal([c]), positive([c])],
      differentiable: false,
    })),
  ],
  [
    "localResponseNormalization",
    fc
      .tuple(size, fc.integer({ min: 1, max: 7 }), fc.nat(3), fc.constantFrom([1, 1, 0.5], [2, 0.3, 0.75]))
      .map(([h, c, radius, [bias, alpha, beta]]) => ({
        fn: (x: tf.Tensor4D) => tf.localResponseNormalization(x, radius, bias, alpha, beta),
        inputs: [normal([2, h, 2, c])],
      })),
  ],
];

const mirrored: Case[] = [
  [
    "flipLeftRight",
    shapeOf(4, 4).map((shape) => ({
      fn: (x: tf.Tensor4D) => tf.image.flipLeftRight(x),
      inputs: [normal(shape)],
      // TensorFlow.js lacks the gradient.
      differentiable: false,
    })),
  ],
];

describe("normalisation", () => check(normalisations, 8));
describe("mirrored images", () => check(mirrored));
