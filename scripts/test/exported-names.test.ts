/** One word per concept: no two packages export the same name for different things. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { exportedNames, type Origin } from "../lint/exported-names.js";
import { subpathsOf } from "../source-aliases.js";

const root = fileURLToPath(new URL("../../packages/", import.meta.url));
const packages = readdirSync(root).filter((name) => existsSync(join(root, name, "src", "index.ts")));

/** Roots and subpaths, with the package that offers them. */
const modules = packages.flatMap((name) => [
  { name, specifier: `@ergodic/${name}`, file: join(root, name, "src", "index.ts") },
  ...subpathsOf(name).map((entry) => ({
    name,
    specifier: `@ergodic/${name}/${entry}`,
    file: join(root, name, "src", "entries", `${entry}.ts`),
  })),
]);
const fileOf = (specifier: string) => modules.find((module) => module.specifier === specifier)?.file;

it("no two packages export one name for different things", () => {
  const meanings = new Map<string, Map<Origin, string>>();
  for (const { name, file } of modules)
    for (const [exported, origin] of exportedNames(file, fileOf)) {
      const known = meanings.get(exported) ?? new Map<Origin, string>();
      meanings.set(exported, known.set(origin, name));
    }
  expect(meanings.size).toBeGreaterThan(1000);
  const clashes = [...meanings]
    .filter(([, origins]) => new Set(origins.values()).size > 1)
    .map(([exported, origins]) => `${exported}: ${[...new Set(origins.values())].join(", ")}`);
  expect(clashes).toEqual([]);
});

it("names are followed through renaming and re-exporting modules, to packages too", () => {
  const folder = mkdtempSync(join(tmpdir(), "ergodic-names-"));
  try {
    const write = (name: string, code: string) => writeFileSync(join(folder, name), code);
    write("a.ts", 'export * from "./b.js"; export { x as y, type T } from "./c.js"; export { z } from "other";');
    write("b.ts", "export function f() {} export const g = 1, h = 2; const hidden = 3; export { hidden as i };");
    write("c.ts", "export const x = 1; export interface T {}");
    write("other.ts", "export class z {}");
    const names = exportedNames(join(folder, "a.ts"), () => join(folder, "other.ts"));
    const expected = {
      f: "b.ts#f",
      g: "b.ts#g",
      h: "b.ts#h",
      i: "b.ts#hidden",
      y: "c.ts#x",
      T: "c.ts#T",
      z: "other.ts#z",
    };
    expect(Object.fromEntries(names)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, place]) => [name, join(folder, place)])),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
