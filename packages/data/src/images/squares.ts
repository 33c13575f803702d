/** Pictures as squares of bytes, several at a time. */
import { withChannels } from "./channels.js";
import { squareInto, type Crop } from "./crop.js";
import type { DecodedImage } from "./decoding/decoded.js";

export interface SquareSettings {
  readonly size: number;
  readonly crop: Crop;
  readonly channels: 1 | 3;
}

export interface DecodingProgress {
  readonly done: number;
  readonly count: number;
}

/** Pictures that are decoded at a time. Decoders run in threads of their own. */
export const AT_ONCE = 4;

/**
 * Decodes pictures into row-major [pictures, size, size, channels].
 *
 * @param names names of the pictures, for messages
 * @param read decodes the picture of this place among the names
 * @param onDone called for each picture that is decoded
 * @throws ValidationError for the first picture found damaged, or smaller than a window
 */
export async function squaresOf(
  names: readonly string[],
  read: (place: number) => Promise<DecodedImage>,
  { size, crop, channels }: SquareSettings,
  onDone?: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const each = size * size * channels;
  const pixels = new Uint8Array(names.length * each);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < names.length) {
      const place = next++;
      const picture = withChannels(await read(place), channels);
      squareInto(pixels, place * each, picture, { size, crop, file: names[place]! });
      onDone?.();
    }
  };
  const working = Array.from({ length: AT_ONCE }, work);
  try {
    await Promise.all(working);
  } finally {
    next = names.length;
    await Promise.allSettled(working);
  }
  return pixels;
}

/** Counts pictures and reports each. */
export function counted(
  count: number,
  onProgress: ((progress: DecodingProgress) => void) | undefined,
): (() => void) | undefined {
  let done = 0;
  return onProgress && (() => onProgress({ done: ++done, count }));
}
