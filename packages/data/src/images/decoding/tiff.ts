/**
 * The kind of colours that a TIFF file stores.
 *
 * The decoder reads YCbCr without JPEG as if it were RGB, so such files have to be refused.
 *
 * Source: Adobe, "TIFF, Revision 6.0", section 2, and "BigTIFF".
 */
import { damaged } from "./decoded.js";

/** The tags of the first picture whose value is one short number. */
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const YCBCR = 6;
const PALETTE = 3;
const JPEG = 7;

export interface TiffColours {
  readonly indexed: boolean;
  /** Luma and chroma outside JPEG, which no decoder converts to red, green and blue. */
  readonly plainYcbcr: boolean;
}

/**
 * Reads the tags.
 *
 * @throws ValidationError when its first directory lies outside the file
 */
export function tiffColours(bytes: Uint8Array, file: string): TiffColours {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const long = (at: number): number => Number(view.getBigUint64(at, little));
  try {
    const big = view.getUint16(2, little) === 43;
    const start = big ? long(8) : view.getUint32(4, little);
    const [count, first, size, place] = big
      ? ([long(start), start + 8, 20, 12] as const)
      : ([view.getUint16(start, little), start + 2, 12, 8] as const);
    const tags = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const at = first + size * i;
      tags.set(view.getUint16(at, little), view.getUint16(at + place, little));
    }
    const photometric = tags.get(PHOTOMETRIC);
    return {
      indexed: photometric === PALETTE,
      plainYcbcr: photometric === YCBCR && tags.get(COMPRESSION) !== JPEG,
    };
  } catch (error) {
    if (error instanceof RangeError) return damaged(file, "its directory lies outside the file");
    throw error;
  }
}
