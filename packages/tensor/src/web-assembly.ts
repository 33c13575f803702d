/** Small modules of WebAssembly, written as text and kept as base64. */

/** What is used of the global `WebAssembly`, which some policies and engines leave out. */
type WebAssembly = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

function instantiated(binary: string, imports: object): unknown {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssembly };
  if (WebAssembly === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(binary), (character) => character.charCodeAt(0));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
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
 * @param imports what it imports, by module and name
 */
export function lazyWebAssembly<E, T>(
  binary: string,
  of: (exports: E) => T,
  imports: object = {},
): () => T | undefined {
  let known: { readonly made: T | undefined } | undefined;
  return () => {
    if (known === undefined) {
      const exports = instantiated(binary, imports) as E | undefined;
      known = { made: exports && of(exports) };
    }
    return known.made;
  };
}
