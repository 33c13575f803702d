/** Images of bytes at half their size. */

/**
 * Means over blocks of 2 x 2 pixels, rounded, of square single-channel images.
 *
 * `border` zeros surround each image.
 *
 * @param bytes row-major [n, side, side]; side + 2 border is even
 * @returns row-major [n, side / 2 + border, side / 2 + border]
 */
export function pooledBytes(bytes: Uint8Array, side: number, border: number): Uint8Array {
  const half = side / 2 + border;
  const count = bytes.length / (side * side);
  const pooled = new Uint8Array(count * half * half);
  const at = (image: number, row: number, column: number): number =>
    row < 0 || column < 0 || row >= side || column >= side ? 0 : bytes[(image * side + row) * side + column]!;
  let to = 0;
  for (let image = 0; image < count; image += 1) {
    for (let i = -border; i < side + border; i += 2) {
      for (let j = -border; j < side + border; j += 2) {
        const sum = at(image, i, j) + at(image, i, j + 1) + at(image, i + 1, j) + at(image, i + 1, j + 1);
        pooled[to++] = Math.round(sum / 4);
      }
    }
  }
  return pooled;
}
