/** Small image files, byte by byte. */
import { deflateSync } from "node:zlib";

const u32 = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    }),
  );

/** CRC-32, bit by bit. */
function checksum(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  return Buffer.concat([u32(data.length), body, u32(checksum(body))]);
}

interface Png {
  readonly width: number;
  readonly height: number;
  readonly depth: 8 | 16;
  /** 0 is grey, 2 is colours. */
  readonly colours: 0 | 2;
  /** Each row follows a zero, the number of its filter. */
  readonly rows: Uint8Array;
}

export const pngOf = ({ width, height, depth, colours, rows }: Png): Buffer =>
  Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", Buffer.concat([u32(width, height), Buffer.from([depth, colours, 0, 0, 0])])),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);

/** One row of grey, from bytes. */
export const greyPng = (row: readonly number[], { depth = 8 }: { readonly depth?: 8 | 16 } = {}): Buffer =>
  pngOf({ width: (8 * row.length) / depth, height: 1, depth, colours: 0, rows: Uint8Array.of(0, ...row) });

/** A bitmap of 24 bits of one black pixel, with any size in its header. */
export function bitmap(width = 1, height = 1): Buffer {
  const bytes = Buffer.alloc(58);
  bytes.write("BM");
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

interface Tiff {
  readonly width: number;
  /** Default 1. */
  readonly height?: number;
  readonly bits: number;
  readonly photometric: number;
  readonly samples: number;
  /** 1 is unsigned, 2 signed, 3 floats. */
  readonly format: number;
  readonly data: Uint8Array;
}

/** A TIFF file of one strip, little-endian, not compressed. */
export function tiffOf({ width, height = 1, bits, photometric, samples, format, data }: Tiff): Buffer {
  const numbers: readonly (readonly [tag: number, value: number, count?: number])[] = [
    [256, width],
    [257, height],
    [258, bits, samples],
    [259, 1],
    [262, photometric],
    [273, 0],
    [277, samples],
    [278, height],
    [279, data.length],
    [339, format, samples],
  ];
  const wide = samples > 2 ? 2 * samples : 0;
  const start = 8 + 2 + 12 * numbers.length + 4;
  const bytes = Buffer.alloc(start + 2 * wide);
  bytes.write("II*\0", "latin1");
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(numbers.length, 8);
  let next = start;
  numbers.forEach(([tag, value, count = 1], i) => {
    const at = 10 + 12 * i;
    const long = tag === 256 || tag === 273 || tag === 279;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(long ? 4 : 3, at + 2);
    bytes.writeUInt32LE(count, at + 4);
    if (tag === 273) bytes.writeUInt32LE(bytes.length, at + 8);
    else if (long) bytes.writeUInt32LE(value, at + 8);
    else if (2 * count <= 4) for (let k = 0; k < count; k++) bytes.writeUInt16LE(value, at + 8 + 2 * k);
    else {
      bytes.writeUInt32LE(next, at + 8);
      for (let k = 0; k < count; k++, next += 2) bytes.writeUInt16LE(value, next);
    }
  });
  return Buffer.concat([bytes, data]);
}

/** A TIFF file of two pixels of this number. */
export const floatTiff = (value: number): Buffer =>
  tiffOf({
    width: 2,
    bits: 32,
    photometric: 1,
    samples: 1,
    format: 3,
    data: new Uint8Array(Float32Array.of(value, value).buffer),
  });
