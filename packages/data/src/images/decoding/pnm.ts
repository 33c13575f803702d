/**
 * Portable bitmaps, greymaps and pixmaps (PBM, PGM, PPM), as text or bytes.
 *
 * Values of another range than 0..255 are scaled to it and rounded, halves to the even number, as
 * in Pillow.
 *
 * Source: netpbm, the manual pages pbm(5), pgm(5) and ppm(5).
 */
import { assertPixelCount, damaged, type DecodedImage } from "./decoded.js";

const isSpace = (byte: number | undefined): boolean => byte === 32 || (byte !== undefined && byte >= 9 && byte <= 13);
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

/** Reads numbers in digits, with white space and comments between them. */
function numbersIn(bytes: Uint8Array, file: string) {
  let at = 2;
  const skipBlanks = (): void => {
    for (; isSpace(bytes[at]) || bytes[at] === 0x23; at++)
      if (bytes[at] === 0x23) while (at + 1 < bytes.length && bytes[at + 1] !== 10 && bytes[at + 1] !== 13) at++;
  };
  return {
    /**
     * Reads the next number.
     *
     * @param digits the most digits it may have
     */
    next(digits = 10): number {
      skipBlanks();
      let [value, read] = [0, 0];
      for (; read < digits && isDigit(bytes[at]); at++, read++) value = 10 * value + bytes[at]! - 48;
      return read === 0 ? damaged(file, `it has no number at byte ${at}`) : value;
    },
    /** The offset of the bytes: after the one white space that ends the header. */
    start: (): number => (isSpace(bytes[at]) ? at + 1 : damaged(file, `its header does not end at byte ${at}`)),
  };
}

/**
 * Decodes a file.
 *
 * @throws ValidationError when it is cut short, a value is out of range, or it has more pixels than
 * are read
 */
export function decodePnm(bytes: Uint8Array, file: string): DecodedImage {
  const form = bytes[1]! - 48;
  const [isText, isBitmap] = [form <= 3, form === 1 || form === 4];
  const numbers = numbersIn(bytes, file);
  const [width, height] = [numbers.next(), numbers.next()];
  assertPixelCount(width, height, file);
  const most = isBitmap ? 1 : numbers.next();
  if (most < 1 || most > 65535) damaged(file, `its largest value is ${most}`);
  const channels = form === 3 || form === 6 ? 3 : 1;
  const [count, start] = [width * height * channels, isText ? 0 : numbers.start()];
  const needed = isText ? count : isBitmap ? height * Math.ceil(width / 8) : count * (most > 255 ? 2 : 1);
  if (start + needed > bytes.length) damaged(file, "it is cut short");

  const bit = (i: number): number => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return (bytes[start + y * Math.ceil(width / 8) + (x >> 3)]! >> (7 - (x & 7))) & 1;
  };
  const short = (i: number): number => 256 * bytes[start + 2 * i]! + bytes[start + 2 * i + 1]!;
  const byte = (i: number): number => bytes[start + i]!;
  const valueAt = isText ? () => numbers.next(isBitmap ? 1 : 10) : isBitmap ? bit : most > 255 ? short : byte;

  const pixels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const value = valueAt(i);
    if (value > most) damaged(file, `it has the value ${value}, above ${most}`);
    pixels[i] = isBitmap ? 255 * (1 - value) : scaled(value, most);
  }
  return { pixels, width, height, channels, reduced: most > 255 ? ["16 bits cut to 8"] : [] };
}

function scaled(value: number, most: number): number {
  if (most === 255) return value;
  const exact = (255 * value) / most;
  const half = exact % 1 === 0.5;
  return half ? 2 * Math.round(exact / 2) : Math.round(exact);
}
