import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const packages = new URL("../packages/", import.meta.url);
const names = readdirSync(packages).filter((name) => existsSync(new URL(`${name}/src/index.ts`, packages)));

/** The subpath names of a package: its files in `src/entries`. */
export function subpathsOf(name: string): string[] {
  const folder = new URL(`${name}/src/entries/`, packages);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((file) => basename(file, ".ts"))
    .filter((entry) => !entry.includes("."));
}

const alias = (specifier: string, file: string) => ({
  find: new RegExp(`^${specifier}$`),
  replacement: fileURLToPath(new URL(file, packages)),
});

/** Tests import every package from its sources. They need no build and report source lines. */
export const sourceAliases = names.flatMap((name) => [
  alias(`@ergodic/${name}`, `${name}/src/index.ts`),
  ...subpathsOf(name).map((entry) => alias(`@ergodic/${name}/${entry}`, `${name}/src/entries/${entry}.ts`)),
]);
