/**
 * Parts of GIF files that decoders leave out.
 *
 * These are the colours of transparent pixels, and of the pixels around a first picture that is
 * smaller than the screen.
 *
 * Source: CompuServe, "Graphics Interchange Format", version 89a.
 */
import { assertPixelCount, damaged, type DecodedImage } from "./decoded.js";

/** Red, green and blue, row by row. */
type Picture = Pick<DecodedImage, "pixels" | "width" | "height">;

export interface OpaqueGif {
  /** The same file without the transparent colour of its first picture. */
  readonly bytes: Uint8Array;
  readonly wasTransparent: boolean;
  /** The whole screen: the decoded picture with the background colour around it. */
  onScreen(decoded: Picture): Picture;
}

const EXTENSION = 0x21;
const CONTROL = 0xf9;
const IMAGE = 0x2c;

const paletteSize = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/**
 * Reads the file.
 *
 * @throws ValidationError when it ends before its first picture
 */
export function opaqueGif(original: Uint8Array, file: string): OpaqueGif {
  const bytes = Uint8Array.from(original);
  const view = new DataView(bytes.buffer);
  const short = (at: number): number => view.getUint16(at, true);
  let transparent: number | undefined;
  try {
    let at = 13 + paletteSize(bytes[10]!);
    for (; view.getUint8(at) === EXTENSION; at++) {
      if (bytes[at + 1] === CONTROL && (bytes[at + 3]! & 1) === 1) {
        transparent = view.getUint8(at + 6);
        bytes[at + 3]! &= ~1;
      }
      for (at += 2; view.getUint8(at) !== 0; at += 1 + bytes[at]!);
    }
    if (bytes[at] !== IMAGE) return damaged(file, `it has no picture at byte ${at}`);
    const [left, top, across, down] = [short(at + 1), short(at + 3), short(at + 5), short(at + 7)];
    const [width, height] = [Math.max(short(6), left + across), Math.max(short(8), top + down)];
    assertPixelCount(width, height, file);
    // Pillow's background is the transparent colour, or else the first colour.
    const palette = paletteSize(view.getUint8(at + 9)) > 0 ? at + 10 : 13;
    const colour = bytes.slice(palette + 3 * (transparent ?? 0)).subarray(0, 3);
    return {
      bytes,
      wasTransparent: transparent !== undefined,
      onScreen(decoded) {
        // Decoders regard some screens as wrong and give the image the size of its pictures.
        if (decoded.width < left + across || decoded.height < top + down)
          damaged(file, "its picture leaves its screen");
        const pixels = new Uint8Array(3 * width * height);
        for (let i = 0; i < pixels.length; i++) pixels[i] = colour[i % 3]!;
        for (let y = top; y < top + down; y++) {
          const from = 3 * (y * decoded.width + left);
          pixels.set(decoded.pixels.subarray(from, from + 3 * across), 3 * (y * width + left));
        }
        return { pixels, width, height };
      },
    };
  } catch (error) {
    if (error instanceof RangeError) return damaged(file, "it is cut short");
    throw error;
  }
}
