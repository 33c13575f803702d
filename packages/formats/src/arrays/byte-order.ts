/** The order of bytes inside a number. Files are little-endian, as nearly all machines are. */

const bigEndianHost = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;

/** Reverses the bytes of every number, in place. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** Converts between little-endian numbers and those of this machine, in place. */
export function swapOnBigEndian<Bytes extends Uint8Array>(bytes: Bytes, width: number): Bytes {
  if (bigEndianHost && width > 1) swapBytes(bytes, width);
  return bytes;
}

/** A little-endian copy of the bytes of a typed array. */
export function littleEndian(values: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }): Uint8Array {
  const own = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  return swapOnBigEndian(own, values.BYTES_PER_ELEMENT);
}
