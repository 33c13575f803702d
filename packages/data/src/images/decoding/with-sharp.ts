/**
 * Images that sharp decodes.
 *
 * sharp must not apply colour profiles, nor its own conversion of CMYK.
 */
import { fail } from "@ergodic/tensor";
import { loadSharp } from "../../npm-package.js";
import type { ImageKind } from "../files/kinds.js";
import type { Reduction } from "../files/remarks.js";
import { assertPixelCount, damaged, greyIfEqual, MOST_PIXELS, type DecodedImage } from "./decoded.js";
import { opaqueGif } from "./gif.js";
import { tiffColours } from "./tiff.js";

/** The colour spaces that are read, by their names in sharp. */
const spaces = ["b-w", "grey16", "srgb", "rgb16", "cmyk"] as const;
type Space = (typeof spaces)[number];

/**
 * Decodes an image.
 *
 * @throws ValidationError when it is damaged, stores other numbers than whole ones of 8 or 16 bits,
 * or has more pixels than are read
 */
export async function decodeWithSharp(
  bytes: Uint8Array,
  kind: Exclude<ImageKind, "bmp" | "pnm">,
  file: string,
): Promise<DecodedImage> {
  const sharp = await loadSharp();
  const broken = (error: unknown): never => {
    const lines = String(error instanceof Error ? error.message : error)
      .trim()
      .split("\n");
    return damaged(file, lines.find((line) => !line.startsWith("Warning treated as error")) ?? lines[0]!);
  };
  const gif = kind === "gif" ? opaqueGif(bytes, file) : undefined;
  const tiff = kind === "tiff" ? tiffColours(bytes, file) : undefined;
  const source = gif?.bytes ?? bytes;

  const stored = await sharp(source, { ignoreIcc: true, limitInputPixels: false }).metadata().catch(broken);
  assertPixelCount(stored.width, stored.height, file);
  const space = spaces.find((known) => known === stored.space);
  const long = stored.depth === "ushort";
  if (space === undefined || !(long || stored.depth === "uchar") || tiff?.plainYcbcr === true)
    return fail(
      `${file} stores ${tiff?.plainYcbcr === true ? "YCbCr without JPEG" : `${stored.space} as ${stored.depth}`}`,
      "grey, RGB, a palette or CMYK as whole numbers of 8 or 16 bits",
      "save it so, or as an array in an .npz file, whose range can be stated",
    );

  const picture = sharp(source, { ignoreIcc: true, limitInputPixels: MOST_PIXELS });
  const { data, info } = await (kind === "tiff" ? picture.autoOrient() : picture) // as Pillow, which turns these alone
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw({ depth: long ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch(broken);
  const values = long
    ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2).map((value) => value >> 8)
    : data;
  const { width, height } = info;
  const plain = { width, height, ...coloursOf(values, space, info.channels, width * height) };
  const image = gif === undefined ? plain : { ...plain, ...gif.onScreen(plain) };
  const indexed = gif !== undefined || tiff?.indexed === true || stored.isPalette === true;
  const reduced: [Reduction, boolean][] = [
    ["first picture of several", (stored.pages ?? 1) > 1],
    ["transparency dropped", gif === undefined ? stored.hasAlpha : gif.wasTransparent],
    ["16 bits cut to 8", long],
    ["not turned as its tag says", kind !== "tiff" && (stored.orientation ?? 1) > 1],
    ["colours may differ from other AVIF decoders", kind === "avif"],
  ];
  return {
    ...image,
    ...(indexed && image.channels === 3 ? greyIfEqual(image.pixels) : {}),
    reduced: reduced.flatMap(([reduction, holds]) => (holds ? [reduction] : [])),
  };
}

/**
 * Grey or red, green and blue of 8 bits, from pixels of `stride` numbers.
 *
 * Numbers after the colours are transparency and are left out.
 */
function coloursOf(
  values: Uint8Array | Uint16Array,
  space: Space,
  stride: number,
  count: number,
): Pick<DecodedImage, "pixels" | "channels"> {
  const channels = space === "b-w" || space === "grey16" ? 1 : 3;
  const pixels = new Uint8Array(count * channels);
  for (let i = 0, from = 0, to = 0; i < count; i++, from += stride)
    for (let c = 0; c < channels; c++, to++)
      pixels[to] = space === "cmyk" ? withoutInk(values[from + c]!, values[from + 3]!) : values[from + c]!;
  return { pixels, channels };
}

/** (255 - ink)(255 - black) / 255, rounded as in Pillow. */
const withoutInk = (ink: number, black: number): number => 255 - black - Math.round((ink * (255 - black)) / 255);
