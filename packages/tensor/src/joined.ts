/** One array from several. */

/** Writes the numbers of arrays to one, one behind the other. */
export function copied<A extends Uint8Array | Int32Array | Float32Array>(
  parts: readonly ArrayLike<number>[],
  into: A,
): A {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}

/**
 * Concatenates arrays of bytes, or of float32 numbers.
 *
 * @param Type the type of the arrays
 */
export function joined<A extends Uint8Array | Float32Array>(
  Type: new (length: number) => A,
  parts: readonly ArrayLike<number>[],
): A {
  return copied(parts, new Type(parts.reduce((sum, part) => sum + part.length, 0)));
}
