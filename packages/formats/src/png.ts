/**
 * PNG files (ISO/IEC 15948) of pixels with 8 bits a channel.
 *
 * Rows are not filtered (filter 0). `CompressionStream` compresses them: it is zlib in Node and
 * part of the platform in browsers.
 */
import { assertPositiveInteger, fail, joined } from "@ergodic/tensor";
import { crc32 } from "./crc32.js";

/** Pixels row by row; the channels of a pixel are grey, red-green-blue or red-green-blue-alpha. */
export interface Raster {
  readonly pixels: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The colour type of the header for each count of channels. */
const colourTypes = { 1: 0, 3: 2, 4: 6 } as const;

/** The most values of a picture. The compressed pixels are one chunk, whose length has 31 bits. */
const mostValues = 2 ** 30;

/**
 * Encodes a PNG file. Decoders return exactly these pixels.
 *
 * @throws ValidationError unless sides are positive whole numbers, there are 1, 3 or 4 channels,
 * and `pixels` holds `width * height * channels` values, at most 2³⁰
 */
export async function encodePng({ pixels, width, height, channels }: Raster): Promise<Uint8Array<ArrayBuffer>> {
  assertPositiveInteger({ width, height });
  const values = width * height * channels;
  const size = `${width} x ${height} pixels with ${channels} channels`;
  if (!(channels in colourTypes) || values > mostValues)
    fail(`a picture has ${size}`, `1, 3 or 4 channels and at most ${mostValues} values`, "write several smaller ones");
  if (pixels.length !== values)
    fail(`pixels holds ${pixels.length} values`, `${values} for ${size}`, "check the sizes");
  const header = new Uint8Array(13);
  const fields = new DataView(header.buffer);
  fields.setUint32(0, width);
  fields.setUint32(4, height);
  header.set([8, colourTypes[channels]], 8);
  const data = await deflated(filtered(pixels, width * channels, height));
  return joined(Uint8Array, [signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", new Uint8Array())]);
}

/** Puts the number of its filter, 0, before every row. */
function filtered(pixels: Raster["pixels"], rowLength: number, height: number): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(height * (rowLength + 1));
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * rowLength, (y + 1) * rowLength), y * (rowLength + 1) + 1);
  }
  return rows;
}

async function deflated(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const compressed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(compressed).arrayBuffer());
}

/** Length, type, data, and the checksum of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
