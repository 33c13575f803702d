/** The pixels of an image file. Its content decides its kind. */
import { fail } from "@ergodic/tensor";
import { kindOf, readKinds } from "../files/kinds.js";
import { decodeBmp } from "./bmp.js";
import type { DecodedImage } from "./decoded.js";
import { decodePnm } from "./pnm.js";
import { decodeWithSharp } from "./with-sharp.js";

/**
 * Decodes an image to the stored numbers, in 8 bits.
 *
 * - Colour profiles and transparency are ignored.
 * - Of several pictures the first is decoded.
 * - 16 bits lose the lower 8.
 *
 * This equals Pillow's `convert("RGB")`, except for grey of 16 bits, which Pillow clips at 255.
 *
 * @throws ValidationError when the image is damaged, of another kind, or has more than 89,478,485
 * pixels, which is checked before they are decoded
 */
export async function decodeImage(bytes: Uint8Array, file: string): Promise<DecodedImage> {
  const kind = kindOf(bytes);
  if (kind === undefined || kind === "svg") return noImage(kind, bytes, file);
  if (kind === "bmp") return decodeBmp(bytes, file);
  return kind === "pnm" ? decodePnm(bytes, file) : decodeWithSharp(bytes, kind, file);
}

/** Refuses a file that is named like an image and holds something else. */
export function noImage(kind: "svg" | undefined, start: Uint8Array, file: string): never {
  const digits = [...start.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  const found = digits.length === 0 ? "is empty" : `starts with ${digits.join(" ")}`;
  fail(
    `${file} cannot be read: it ${kind === "svg" ? "is an SVG drawing, which has no pixels" : found}`,
    readKinds,
    "remove or replace the file",
  );
}
