/**
 * Places of arrays in files: `digits.npz:x_train` is the array `x_train` in the file `digits.npz`.
 */

export interface ArrayPlace {
  readonly path: string;
  /** Undefined if the text names none. */
  readonly name?: string;
}

/**
 * Splits a text into a path and the name of an array after a colon behind `.npz` or `.safetensors`.
 *
 * Other colons, such as those of drives, belong to the path.
 */
export function arrayPlace(text: string): ArrayPlace {
  const [, path, name] = /^(.+?\.(?:npz|safetensors)):(.+)$/is.exec(text) ?? [];
  return path === undefined || name === undefined ? { path: text } : { path, name };
}
