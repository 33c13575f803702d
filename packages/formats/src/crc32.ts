/**
 * The checksum of zip archives and PNG files.
 *
 * Four tables process four bytes at a time: hundreds of megabytes in under a second.
 */

const tables = [0, 1, 2, 3].map(() => new Uint32Array(256));
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  tables[0]![byte] = value;
}
for (let byte = 0; byte < 256; byte++)
  for (let depth = 1; depth < 4; depth++) {
    const value = tables[depth - 1]![byte]!;
    tables[depth]![byte] = (value >>> 8) ^ tables[0]![value & 255]!;
  }
const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/**
 * CRC-32 (polynomial 0x04c11db7, reflected) as an unsigned number.
 *
 * @param before the checksum of the preceding bytes, when bytes arrive in parts
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = ~before;
  let i = 0;
  for (; i + 4 <= bytes.length; i += 4) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}
