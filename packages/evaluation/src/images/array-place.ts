/** Which array of which file: `digits.npz:x_train` is the array `x_train` in the file `digits.npz`. */

export interface ArrayPlace {
  readonly path: string;
  /** Undefined where the text names none. */
  readonly name?: string;
}

/** A path, and after a colon behind `.npz` or `.safetensors` the name of an array. Other colons (of drives, say) belong to the path. */
export function arrayPlace(text: string): ArrayPlace {
  const [, path, name] = /^(.+?\.(?:npz|safetensors)):(.+)$/is.exec(text) ?? [];
  return path === undefined || name === undefined ? { path: text } : { path, name };
}
