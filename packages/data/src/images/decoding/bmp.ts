/**
 * Windows bitmaps that are not compressed.
 *
 * Palettes of 1, 2, 4 or 8 bits and colours of 16, 24 or 32 bits are read.
 *
 * Source: Microsoft, "Bitmap Storage" and the structures BITMAPCOREHEADER to BITMAPV5HEADER.
 */
import { fail } from "@ergodic/tensor";
import { assertPixelCount, damaged, greyIfEqual, type DecodedImage } from "./decoded.js";

interface Bitmap {
  readonly view: DataView;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** The offset of each row, from the top. */
  readonly rows: readonly number[];
}

type Colours = readonly [red: number, green: number, blue: number];

/** Bytes before the header that states its own length. */
const FILE_HEADER = 14;
/** The offset of the masks of red, green and blue. */
const MASKS = 54;

/**
 * Decodes a bitmap.
 *
 * @throws ValidationError when it is cut short, compressed, or has more pixels than are read
 */
export function decodeBmp(bytes: Uint8Array, file: string): DecodedImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const header = view.getUint32(FILE_HEADER, true);
    const old = header === 12;
    const [width, tall, bits] = old
      ? ([view.getUint16(18, true), view.getUint16(20, true), view.getUint16(24, true)] as const)
      : ([view.getInt32(18, true), view.getInt32(22, true), view.getUint16(28, true)] as const);
    const [compression, used] = old ? [0, 0] : [view.getUint32(30, true), view.getUint32(46, true)];
    if (compression !== 0 && compression !== 3)
      fail(`${file} is a bitmap of compression ${compression}`, "0 or 3, which are not compressed", "save it as PNG");
    if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) damaged(file, `it says that a pixel has ${bits} bits`);
    const height = Math.abs(tall);
    assertPixelCount(width, height, file);
    const [start, rowBytes] = [view.getUint32(10, true), 4 * Math.ceil((width * bits) / 32)];
    if (start < FILE_HEADER + header || start + rowBytes * height > bytes.length) damaged(file, "it is cut short");
    const rows = Array.from({ length: height }, (_, y) => start + rowBytes * (tall < 0 ? y : height - 1 - y));
    const bitmap = { view, width, height, bits, rows };
    const colours = bits > 8 ? masked(bitmap, masksOf(view, bits, compression === 3)) : undefined;
    return {
      ...(colours ?? indexed(bitmap, paletteOf(view, FILE_HEADER + header, old ? 3 : 4, used || 1 << bits), file)),
      ...{ width, height, reduced: [] },
    };
  } catch (error) {
    if (error instanceof RangeError) return damaged(file, "it is cut short");
    throw error;
  }
}

function masksOf(view: DataView, bits: number, stated: boolean): Colours {
  const masks = [0, 4, 8].map((at) => (stated ? view.getUint32(MASKS + at, true) : 0)) as unknown as Colours;
  if (masks.some((mask) => mask !== 0)) return masks;
  return bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff];
}

/**
 * The colours of a pixel: its bits under each mask, scaled to 8 bits and rounded down, as in
 * Pillow.
 */
function masked(
  { view, width, height, bits, rows }: Bitmap,
  masks: Colours,
): Pick<DecodedImage, "pixels" | "channels"> {
  const fields = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, most: Math.max(1, mask >>> shift) };
  });
  const pixels = new Uint8Array(3 * width * height);
  const bytes = bits / 8;
  let at = 0;
  for (const row of rows)
    for (let from = row; from < row + width * bytes; from += bytes) {
      let value = 0;
      for (let k = 0; k < bytes; k++) value |= view.getUint8(from + k) << (8 * k);
      for (const { mask, shift, most } of fields) pixels[at++] = Math.floor((255 * ((value & mask) >>> shift)) / most);
    }
  return { pixels, channels: 3 };
}

/**
 * Red, green and blue of each entry of a palette.
 *
 * The file stores them in reverse order, in entries of `size` bytes.
 */
const paletteOf = (view: DataView, start: number, size: number, count: number): Colours[] =>
  Array.from({ length: Math.min(count, 256) }, (_, i) => {
    const [blue, green, red] = [0, 1, 2].map((k) => view.getUint8(start + size * i + k)) as [number, number, number];
    return [red, green, blue];
  });

function indexed({ view, width, height, bits, rows }: Bitmap, palette: readonly Colours[], file: string) {
  const pixels = new Uint8Array(3 * width * height);
  let at = 0;
  for (const row of rows)
    for (let x = 0; x < width; x++, at += 3) {
      const place = x * bits;
      const index = (view.getUint8(row + (place >> 3)) >> (8 - bits - (place & 7))) & ((1 << bits) - 1);
      pixels.set(palette[index] ?? damaged(file, `its palette has no colour ${index}`), at);
    }
  return greyIfEqual(pixels);
}
