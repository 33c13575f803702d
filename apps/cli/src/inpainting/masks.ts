/** Masks of images: which pixels are known. */
import { existsSync } from "node:fs";
import { picturesLike, readablePictures } from "@ergodic/data/node";
import type { Dataset } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { CliError, usageError } from "../errors.js";

/** Parts of an image that can be filled by name. */
export const parts = ["left", "right", "top", "bottom", "centre"] as const;

export type Part = (typeof parts)[number];

const isPart = (text: string): text is Part => (parts as readonly string[]).includes(text);

/** Whether the pixel at these places, from 0 to 1 along each side, is to be filled. */
const unknown: Readonly<Record<Part, (down: number, right: number) => boolean>> = {
  left: (_, right) => right < 0.5,
  right: (_, right) => right >= 0.5,
  top: (down) => down < 0.5,
  bottom: (down) => down >= 0.5,
  centre: (down, right) => Math.abs(down - 0.5) < 0.25 && Math.abs(right - 0.5) < 0.25,
};

/** 1 where a pixel is known and 0 where it is to be filled, `[1, height, width, channels]`. */
export function maskOfPart(part: Part, [height, width, channels]: readonly [number, number, number]): tf.Tensor4D {
  const known = Array.from({ length: height * width }, (_, i) => {
    const [down, right] = [(Math.floor(i / width) + 0.5) / height, ((i % width) + 0.5) / width];
    return unknown[part](down, right) ? 0 : 1;
  });
  return tf.tidy(() => tf.tile(tf.tensor4d(known, [1, height, width, 1]), [1, 1, 1, channels]));
}

/**
 * The mask of a part, or of a picture whose light pixels are to be filled.
 *
 * @throws CliError for what is neither, or a picture that cannot be read or leaves nothing to fill
 */
export async function readMask(
  text: string,
  shape: readonly [number, number, number],
  dataset: Dataset<unknown>,
): Promise<tf.Tensor4D> {
  if (isPart(text)) return maskOfPart(text, shape);
  if (!existsSync(text))
    throw usageError(
      `--mask is ${text}, expected a picture whose light pixels are to be filled, or ${parts.join(", ")}.`,
    );
  const { images, unreadable } = await readablePictures(text, picturesLike(dataset));
  const [wrong] = unreadable;
  if (wrong !== undefined) throw new CliError(`--mask ${text} cannot be read: ${wrong.why}`);
  const batch = images.take(Int32Array.of(0)) as { images: tf.Tensor4D };
  const middle = (images.scale[0] + images.scale[1]) / 2;
  const mask = tf.tidy(() => {
    const light = tf.greater(tf.mean(batch.images, 3, true), middle);
    return tf.tile(tf.sub(1, tf.cast(light, "float32")), [1, 1, 1, shape[2]]) as tf.Tensor4D;
  });
  batch.images.dispose();
  if (tf.tidy(() => tf.min(mask).dataSync()[0]) === 1)
    throw new CliError(`--mask ${text} has no light pixel, so there is nothing to fill.`);
  return mask;
}
