/** Small modules of WebAssembly, written as text and kept as base64. */

/** What is used of the global `WebAssembly`, which some policies and engines leave out. */
type WebAssembly = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** A first instance of a module, and what makes others. */
interface Loaded<E> {
  readonly exports: E;
  readonly again: () => E;
}

function loaded<E>(binary: string, imports: object): Loaded<E> | undefined {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssembly };
  if (WebAssembly === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
    const module = new WebAssembly.Module(bytes);
    const again = (): E => new WebAssembly.Instance(module, imports).exports as E;
    return { exports: again(), again };
  } catch {
    return undefined;
  }
}

/**
 * A function that gives what `of` makes of the exports of a module. The module is loaded at the
 * first call.
 *
 * The function gives undefined where the module cannot be loaded: WebAssembly or one of its features
 * does not exist, or a content security policy forbids it. The caller then computes the same numbers
 * in JavaScript.
 *
 * @param binary the module in base64
 * @param of gets the exports of an instance, and a function that gives those of a new one
 * @param imports what it imports, by module and name
 */
export function lazyWebAssembly<E, T>(
  binary: string,
  of: (exports: E, again: () => E) => T,
  imports: object = {},
): () => T | undefined {
  let known: { readonly made: T | undefined } | undefined;
  return () => {
    if (known === undefined) {
      const module = loaded<E>(binary, imports);
      known = { made: module && of(module.exports, module.again) };
    }
    return known.made;
  };
}
