/**
 * The graph of relative imports inside one package, and its cycles. Files in a cycle cannot be read
 * alone.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

/** All TypeScript files below a folder, sorted. Empty when the folder does not exist. */
export function sourceFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.[cm]?tsx?$/.test(path))
    .map((path) => join(folder, path))
    .sort();
}

/**
 * All imports and re-exports of a file, including types and dynamic imports with a constant name.
 */
export function importsOf(file: string): string[] {
  return ts.preProcessFile(readFileSync(file, "utf8"), true, true).importedFiles.map(({ fileName }) => fileName);
}

/** For every file of a folder, the files of that folder that it imports relatively. */
export function importGraph(folder: string): Map<string, string[]> {
  const files = new Set(sourceFiles(folder));
  const graph = new Map<string, string[]>();
  for (const file of files) {
    const targets = importsOf(file)
      .filter((name) => name.startsWith("."))
      .map((name) => resolve(dirname(file), name.replace(/\.([cm]?)js(x?)$/, ".$1ts$2")));
    graph.set(
      file,
      targets.filter((target) => files.has(target)),
    );
  }
  return graph;
}

/**
 * Cycles of a graph, each written `a -> b -> a`. Every strongly connected component is reported at
 * least once.
 */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) found.push([...path.slice(at), node]);
    if (at >= 0 || done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return found;
}

/** Formats a cycle with paths relative to `folder`. */
export function describeCycle(folder: string, cycle: readonly string[]): string {
  return cycle.map((file) => relative(folder, file).split(sep).join("/")).join(" -> ");
}
