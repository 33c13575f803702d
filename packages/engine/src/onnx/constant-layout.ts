/** Layouts of constants, computed on the host. */

/**
 * The bytes of a tensor of float32 with permuted axes: result[i_perm[0], i_perm[1], ...] =
 * tensor[i_0, i_1, ...].
 */
export function transposed(bytes: Uint8Array, dims: readonly number[], perm: readonly number[]): Uint8Array {
  const given = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const from = new Float32Array(given.buffer, given.byteOffset, given.byteLength / 4);
  const to = new Float32Array(from.length);
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, size) => product * size, 1));
  const shape = perm.map((axis) => dims[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const last = shape.length - 1;
  const [length, step] = [shape[last]!, steps[last]!];
  const index = new Array<number>(last).fill(0);
  for (let row = 0, start = 0; row < to.length; row += length) {
    for (let i = 0; i < length; i++) to[row + i] = from[start + i * step]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      start += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      start -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return new Uint8Array(to.buffer);
}
