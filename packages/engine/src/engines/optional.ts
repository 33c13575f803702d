/** Imports optional packages, which contain backends and runtimes. */

/** The exports of a package, for either module system. */
export const moduleOf = <Module extends object>(imported: Module): Module =>
  (imported as Module & { readonly default?: Module }).default ?? imported;

/**
 * Imports a package with a specifier that bundlers ignore. It is resolved when the program runs.
 */
export const optional = async <Module extends object>(specifier: string): Promise<Module> =>
  moduleOf((await import(/* @vite-ignore */ specifier)) as Module);
