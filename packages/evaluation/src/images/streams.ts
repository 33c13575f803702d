/** Streams of images from arrays in memory and from the samples of a model. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { assertImages, pixelsOf, type PixelBatch, type ImageStream, type PixelOptions } from "./image-batch.js";

/** Images in a batch. */
export const AT_ONCE = 50;

/**
 * Images of one size in memory, as bytes in 0..255 or as values of any range.
 *
 * @param shape `[count, height, width, channels]`
 */
export function imageArray(values: PixelValues, shape: ImagesShape, options?: PixelOptions): ImageStream {
  const [count, height, width, channels] = shape;
  assertImages({ pixels: values, count, height, width, channels });
  if (!(values instanceof Uint8Array)) assertRange(options);
  const size = height * width * channels;
  return {
    description: describeImages(shape),
    count,
    quantisation: options?.quantisation ?? "uint8",
    *batches(first = 0) {
      for (let from = first; from < count; from += AT_ONCE) {
        const taken = Math.min(AT_ONCE, count - from);
        const part = values.subarray(from * size, (from + taken) * size);
        yield batchOf(part, [taken, height, width, channels], options);
      }
    },
  };
}

export type PixelValues = Uint8Array | Float32Array | Float64Array;
export type ImagesShape = readonly [count: number, height: number, width: number, channels: number];

export const describeImages = ([count, ...size]: readonly number[]): string => `${count} images of ${size.join(" x ")}`;

export function assertRange(options: PixelOptions | undefined): void {
  if (options === undefined)
    fail("the images are floats of no stated range", "a range", "say what black and white are, for example -1 and 1");
}

/** Bytes without a stated range are pixels unchanged. */
export function batchOf(values: PixelValues, shape: ImagesShape, options: PixelOptions | undefined): PixelBatch {
  if (options !== undefined) return pixelsOf(values, shape, options);
  const [count, height, width, channels] = shape;
  return { pixels: values as Uint8Array, count, height, width, channels };
}

export interface GeneratedImages extends PixelOptions {
  readonly count: number;
  readonly description: string;
  /**
   * Values of `size` images, `[size, height, width, channels]` row-major. `index` counts the calls,
   * for deriving keys.
   */
  sample(size: number, index: number): Promise<{ readonly values: Float32Array; readonly shape: readonly number[] }>;
  /** Images in a call, the same in every call, so that one program serves all. Default 50. */
  readonly batchSize?: number;
}

/** A model's samples, made when they are needed. The surplus of the last call is dropped. */
export function generatedImages(options: GeneratedImages): ImageStream {
  const { count, description, sample, batchSize = AT_ONCE, quantisation = "uint8" } = options;
  assertPositiveInteger({ count, batchSize });
  return {
    description,
    count,
    quantisation,
    unit: batchSize,
    async *batches(from = 0) {
      for (let made = from; made < count; made += batchSize) {
        const { values, shape } = await sample(batchSize, made / batchSize);
        const [size, height, width, channels] = shape as [number, number, number, number];
        if (shape.length !== 4 || size !== batchSize)
          fail(`the model's samples have shape [${shape.join(",")}]`, `[${batchSize},height,width,channels]`);
        const taken = Math.min(batchSize, count - made);
        yield pixelsOf(
          values.subarray(0, taken * height * width * channels),
          [taken, height, width, channels],
          options,
        );
      }
    },
  };
}
