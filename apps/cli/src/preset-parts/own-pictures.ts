/** Pictures in a folder of one's own: common options, data and generators of presets. */
import { images } from "@ergodic/data/node";
import { celeba128Decoder, celeba64Decoder, svhn32Decoder } from "@ergodic/generators";
import { fail } from "@ergodic/tensor";
import { z } from "zod";

const count = z.number().int().min(1);

/** The generators of the paper by the side of the images, and of its re-implementation at 64. */
const decoders = {
  32: { decoder: svhn32Decoder, features: 64 },
  64: { decoder: celeba64Decoder, features: 128 },
  128: { decoder: celeba128Decoder, features: 128 },
} as const;

/** Options of every preset of one's own pictures. */
export const pictureOptions = {
  /** The folder of pictures, with subfolders. */
  from: z.string().default(""),
  /** Height and width of the images. */
  size: z.literal([32, 64, 128]).default(32),
  /** The part of a picture that becomes the image: see `images` in @ergodic/data. */
  crop: z.enum(["center", "shorter-side", "none"]).default("center"),
  /** The share of pictures that training does not see. They are the test images. */
  testShare: z.number().gt(0).lt(1).default(0.2),
  /** A folder that keeps decoded pictures. */
  cache: z.string().optional(),
  latentDimension: count.default(100),
  /** Base width of the generator. Default: 64 at 32 pixels, 128 above. */
  features: count.optional(),
};

export type PictureOptions = z.output<z.ZodObject<typeof pictureOptions>>;

/** @throws ValidationError when no folder is named. */
export function pictures({ from, size, crop, testShare, cache }: PictureOptions, split: "train" | "test") {
  if (from === "") fail("options.from is not set", "a folder of pictures", "name yours: --set options.from=photos/");
  return images({ from, size, crop, split, testShare, ...(cache !== undefined && { cache }) });
}

/** The base width of the networks. */
export const widthOf = ({ size, features = decoders[size].features }: PictureOptions): number => features;

/** The generator of images of this size. */
export const pictureGenerator = (options: PictureOptions) =>
  decoders[options.size].decoder({ latentDimension: options.latentDimension, features: widthOf(options) });
