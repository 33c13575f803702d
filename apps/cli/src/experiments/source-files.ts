/**
 * The source of an experiment: its file and the relative files it imports, found without running
 * any code.
 *
 * A file counts if an import or a require contains its path as a relative one ("./net",
 * "../lib/net.js"). Packages are not part of the source.
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, extname, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createJiti, type Jiti } from "jiti";
import type { ExperimentSource } from "@ergodic/training/node";
import { CliError } from "../errors.js";
import { sharedModules } from "./import-file.js";

const scripts = /\.[cm]?[jt]sx?$/;

/** The source of an experiment, and its other imports. */
export interface SourceFiles {
  readonly source: ExperimentSource;
  /** Imports of packages other than the shared ones, as written. */
  readonly packages: readonly string[];
}

/**
 * Reads the source of the experiment at `path`.
 *
 * @throws CliError when the file cannot be read.
 */
export function readSourceFiles(path: string): SourceFiles {
  const entry = realPath(path);
  const jiti = createJiti(entry, { fsCache: false, moduleCache: false });
  const texts = new Map<string, string>();
  const packages = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (texts.has(file)) continue;
    const text = readFileSync(file, "utf8");
    texts.set(file, text);
    for (const specifier of scripts.test(file) ? imports(jiti, file, text) : []) {
      const found = /^\.{1,2}(\/|$)/.test(specifier) ? resolved(jiti, specifier, file) : undefined;
      if (found !== undefined && (scripts.test(found) || extname(found) === ".json")) waiting.push(realpathSync(found));
      else if (/^[^./]/.test(specifier) && !isShared(specifier)) packages.add(specifier);
    }
  }
  const root = commonFolder([...texts.keys()]);
  const name = (file: string): string => relative(root, file).split(sep).join("/");
  const files = Object.fromEntries([...texts].map(([file, text]) => [name(file), text]));
  return { source: { entry: name(entry), files }, packages: [...packages] };
}

/** Resolves package imports from the file at `path`. Unresolvable imports are omitted. */
export function resolvePackages(packages: readonly string[], path: string): Record<string, string> {
  const jiti = createJiti(path, { fsCache: false, moduleCache: false });
  return Object.fromEntries(
    packages.flatMap((name) => {
      const found = resolved(jiti, name, path);
      return found === undefined ? [] : [[name, found]];
    }),
  );
}

function realPath(path: string): string {
  try {
    readFileSync(path);
    return realpathSync(path);
  } catch (error) {
    throw new CliError(`can't read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * Imports of a file, without types.
 *
 * A file with a syntax error has no imports here: loading it reports the error.
 */
function imports(jiti: Jiti, file: string, source: string): string[] {
  const code = jiti.transform({ source, filename: file, ts: /\.[cm]?tsx?$/.test(file), async: true });
  return [...code.matchAll(/\b(?:jitiImport|require)\(\s*(["'`])([^"'`\n]+)\1\s*\)/g)].map(([, , name = ""]) => name);
}

function resolved(jiti: Jiti, specifier: string, from: string): string | undefined {
  const url = jiti.esmResolve(specifier, { parentURL: pathToFileURL(from).href, try: true });
  return url?.startsWith("file:") === true ? fileURLToPath(url) : undefined;
}

function isShared(specifier: string): boolean {
  return specifier.startsWith("node:") || sharedModules.includes(specifier);
}

/** The innermost folder that contains all files. */
function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0] ?? sep);
  const holds = (file: string): boolean => file.startsWith(folder.endsWith(sep) ? folder : folder + sep);
  while (!files.every(holds)) {
    if (dirname(folder) === folder) throw new CliError(`${files.join(", ")} lie on several drives; put them on one.`);
    folder = dirname(folder);
  }
  return folder;
}
