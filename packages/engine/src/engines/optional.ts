/** Packages that need not be installed: those a backend or a runtime comes in. */

/** What a package exports, whichever module system it was written for. */
export const moduleOf = <Module extends object>(imported: Module): Module =>
  (imported as Module & { readonly default?: Module }).default ?? imported;

/** Imports a package by a specifier bundlers leave alone: it is looked up where and when the user's program runs. */
export const optional = async <Module extends object>(specifier: string): Promise<Module> =>
  moduleOf((await import(/* @vite-ignore */ specifier)) as Module);
