import type { ImageShape } from "./layout.js";

/** A convolution of NHWC images with an HWIO filter. */
export interface ConvolutionGeometry {
  readonly filter: readonly [rows: number, columns: number, inputs: number, outputs: number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padding: readonly [top: number, left: number, bottom: number, right: number];
  /** The shape of its input. */
  readonly image: ImageShape;
  /** Height and width of its result. */
  readonly positions: readonly [number, number];
}
