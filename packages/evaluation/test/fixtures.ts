/**
 * Deterministic matrices for the tests. Each is reproducible in other languages from its formula.
 */

/**
 * `sin(0.37 i^2 + 0.11 i + offset)`, filled row by row.
 *
 * In numpy: `np.sin(i*i*0.37 + offset + i*0.11).reshape(n, d)`.
 */
export function waves(rows: number, dimensions: number, offset: number): Float64Array {
  return Float64Array.from({ length: rows * dimensions }, (_, i) => Math.sin(i * i * 0.37 + offset + i * 0.11));
}

/** Uniform numbers in [0, 1) of the public 32-bit generator "mulberry32". */
export function uniforms(seed: number, count: number): Float64Array {
  const values = new Float64Array(count);
  let state = seed | 0;
  for (let i = 0; i < count; i++) {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    values[i] = ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  return values;
}

/** An orthogonal `size x size` matrix, row-major: the product of rotations of all pairs of axes. */
export function rotation(size: number): Float64Array {
  const out = Float64Array.from({ length: size * size }, (_, i) => (Math.floor(i / size) === i % size ? 1 : 0));
  for (let a = 0; a < size; a++)
    for (let b = a + 1; b < size; b++) {
      const [c, s] = [Math.cos(1 + a + 3 * b), Math.sin(1 + a + 3 * b)];
      for (let k = 0; k < size; k++) {
        const [x, y] = [out[k * size + a]!, out[k * size + b]!];
        out[k * size + a] = c * x - s * y;
        out[k * size + b] = s * x + c * y;
      }
    }
  return out;
}

/** Row-major product of `[n, k]` and `[k, m]`. */
export function product(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const [n, m] = [a.length / k, b.length / k];
  return Float64Array.from({ length: n * m }, (_, at) => {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += a[Math.floor(at / m) * k + i]! * b[i * m + (at % m)]!;
    return sum;
  });
}

/**
 * Correlated feature vectors with a decaying spectrum like that of real networks.
 *
 * `(u_j + u_{j+1} / 2) (1 + j)^power + shift`, where `u` comes from {@link uniforms} and the
 * columns are cyclic.
 */
export function features(seed: number, rows: number, dimensions: number, power: number, shift: number): Float64Array {
  const u = uniforms(seed, rows * dimensions);
  const scales = Float64Array.from({ length: dimensions }, (_, j) => (1 + j) ** power);
  return u.map((value, at) => {
    const j = at % dimensions;
    const next = u[at - j + ((j + 1) % dimensions)]!;
    return (value + 0.5 * next) * scales[j]! + shift;
  });
}
