/** Images of bytes at a fraction of their size. */

/** How images are made smaller. */
export interface Pooling {
  /** Zeros around each image, on every side. */
  readonly border: number;
  /** Side of the blocks whose means are taken. 1 only adds the border. */
  readonly factor: number;
}

/**
 * Means over blocks of `factor` x `factor` pixels, rounded, of square single-channel images.
 *
 * @param bytes row-major [n, side, side]; `factor` divides side + 2 border
 * @returns row-major [n, s, s] with s = (side + 2 border) / factor
 */
export function pooledBytes(bytes: Uint8Array, side: number, { border, factor }: Pooling): Uint8Array {
  const small = (side + 2 * border) / factor;
  const count = bytes.length / (side * side);
  const pooled = new Uint8Array(count * small * small);
  const sums = new Uint32Array(small * small);
  for (let image = 0, from = 0; image < count; image += 1) {
    sums.fill(0);
    for (let row = border; row < side + border; row += 1) {
      for (let column = border; column < side + border; column += 1) {
        sums[Math.floor(row / factor) * small + Math.floor(column / factor)]! += bytes[from++]!;
      }
    }
    sums.forEach((sum, i) => (pooled[image * small * small + i] = Math.round(sum / factor ** 2)));
  }
  return pooled;
}
