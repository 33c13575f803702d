/** The pictures of a folder as squares of bytes, several at a time. */
import { withChannels } from "./channels.js";
import { squareInto, type Crop } from "./crop.js";
import type { ImageFolder } from "./folder.js";

export interface SquareSettings {
  readonly size: number;
  readonly crop: Crop;
  readonly channels: 1 | 3;
}

export interface DecodingProgress {
  readonly done: number;
  readonly count: number;
}

/** Pictures in work at a time: decoders run in threads of their own. */
const AT_ONCE = 4;

/**
 * Row-major [files, size, size, channels].
 *
 * @throws ValidationError for the first file found damaged, or smaller than a window
 */
export async function squaresOf(
  folder: ImageFolder,
  files: readonly string[],
  { size, crop, channels }: SquareSettings,
  onProgress?: (progress: DecodingProgress) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const each = size * size * channels;
  const pixels = new Uint8Array(files.length * each);
  let [next, done] = [0, 0];
  const work = async (): Promise<void> => {
    while (next < files.length) {
      const place = next++;
      const file = files[place]!;
      squareInto(pixels, place * each, withChannels(await folder.read(file), channels), { size, crop, file });
      onProgress?.({ done: ++done, count: files.length });
    }
  };
  const working = Array.from({ length: AT_ONCE }, work);
  try {
    await Promise.all(working);
  } finally {
    next = files.length;
    await Promise.allSettled(working);
  }
  return pixels;
}
