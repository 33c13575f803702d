/** Writes IDX files of bytes for tests, the inverse of `parseIdx`. */
export function idxBytes(code: number, shape: readonly number[], content: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, code);
  header.setUint8(3, shape.length);
  shape.forEach((side, axis) => header.setUint32(4 + 4 * axis, side));
  const bytes = new Uint8Array(header.byteLength + content.length);
  bytes.set(new Uint8Array(header.buffer));
  bytes.set(content, header.byteLength);
  return bytes;
}
