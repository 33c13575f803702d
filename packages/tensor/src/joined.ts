/** One array from several. */

/**
 * Concatenates arrays of bytes, or of float32 numbers.
 *
 * @param Type the type of the arrays
 */
export function joined<A extends Uint8Array | Float32Array>(
  Type: new (length: number) => A,
  parts: readonly ArrayLike<number>[],
): A {
  const out = new Type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
