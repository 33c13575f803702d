/**
 * Packages have no import cycles between their files, and declare every package that their sources
 * import.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cycles, describeCycle, importGraph, importsOf, sourceFiles } from "../lint/import-graph.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const members = ["packages", "apps"].flatMap((kind) =>
  readdirSync(join(root, kind)).map((name) => join(root, kind, name)),
);

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

describe("the import graph", () => {
  it("sees cycles through re-exports, type imports and dynamic imports", () => {
    const folder = mkdtempSync(join(tmpdir(), "ergodic-cycles-"));
    try {
      const write = (name: string, code: string) => writeFileSync(join(folder, name), code);
      write("a.ts", 'export * from "./b.js";');
      write("b.ts", 'import type { X } from "./c.js"; export type Y = X;');
      write("c.ts", 'export type X = 1; export const lazy = () => import("./a.js");');
      write("d.ts", 'import "./a.js"; import "node:fs";');
      expect(cycles(importGraph(folder)).map((cycle) => describeCycle(folder, cycle))).toEqual([
        "a.ts -> b.ts -> c.ts -> a.ts",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(members)("of %s has no cycle", (member) => {
    const folder = join(member, "src");
    expect(cycles(importGraph(folder)).map((cycle) => describeCycle(folder, cycle))).toEqual([]);
  });

  it.each(members)("of %s uses only declared dependencies", (member) => {
    const manifest = JSON.parse(readFileSync(join(member, "package.json"), "utf8")) as Manifest;
    const { dependencies, peerDependencies, optionalDependencies } = manifest;
    const declared = new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }));
    const undeclared = new Set<string>();
    for (const file of sourceFiles(join(member, "src")))
      for (const target of importsOf(file)) {
        if (target.startsWith(".") || target.startsWith("node:") || builtinModules.includes(target)) continue;
        const name = target.split("/", target.startsWith("@") ? 2 : 1).join("/");
        if (!declared.has(name)) undeclared.add(`${name}, imported by ${file.slice(member.length + 1)}`);
      }
    expect([...undeclared]).toEqual([]);
  });
});
