/**
 * Generates a new family of models: its package, a preset, and the dependency of the command line.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const template = fileURLToPath(new URL("./template/", import.meta.url));

/** The family whose manifest and tool configuration are copied. */
const neighbour = "latent-priors";
const copied = ["tsconfig.json", "tsup.config.ts", "LICENSE"];
const dependencies = ["tensor", "engine", "nn", "samplers", "training", "energies"];

type Manifest = Record<string, unknown> & { version: string; dependencies: Record<string, string> };
const readManifest = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Manifest;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const writeManifest = (path: string, manifest: Manifest) => write(path, `${JSON.stringify(manifest, null, 2)}\n`);

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

/** Replaces the template's family names by variants of `name`. */
function named(name: string, text: string): string {
  const pascal = name.split("-").map(capital).join("");
  const camel = pascal.charAt(0).toLowerCase() + pascal.slice(1);
  return text.replaceAll("family-name", name).replaceAll("FamilyName", pascal).replaceAll("familyName", camel);
}

/**
 * Writes `packages/NAME` and the preset `toy/NAME`, and adds the package to the dependencies of the
 * command line.
 *
 * @param root folder of the workspace
 * @returns written paths, relative to `root`; the package folder stands for its files
 * @throws Error, before anything is written, for a name that is not lower-case with hyphens or that
 *   is taken
 */
export function newFamily(root: string, name: string): string[] {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new Error(`"${name}" can't name a package: write lower-case words with hyphens, for example score-matching.`);
  const folder = join(root, "packages", name);
  const preset = join(root, "apps/cli/src/presets/toy", `${name}.ts`);
  const taken = [folder, preset].find((path) => existsSync(path));
  if (taken !== undefined) throw new Error(`${relative(root, taken)} exists already; choose another name.`);

  const shape = join(root, "packages", neighbour);
  const present = copied.filter((file) => existsSync(join(shape, file)));
  const manifest = readManifest(join(shape, "package.json"));
  const range = `^${manifest.version}`;
  const of = (path: string) => named(name, readFileSync(join(template, path), "utf8"));
  const files = readdirSync(template, { recursive: true, encoding: "utf8" }).filter(
    (path) => statSync(join(template, path)).isFile() && basename(path) !== "preset.ts",
  );
  const text = JSON.stringify(manifest).replaceAll(neighbour, name);
  const cli = join(root, "apps/cli/package.json");
  const app = readManifest(cli);
  const extended = { ...app.dependencies, [`@ergodic/${name}`]: range };

  for (const file of present) cpSync(join(shape, file), join(folder, file), { recursive: true });
  for (const path of files) write(join(folder, path), of(path));
  writeManifest(join(folder, "package.json"), {
    ...(JSON.parse(text) as Manifest),
    keywords: ["energy-based-model", "ebm", "generative-model"],
    description: `${name.split("-").map(capital).join(" ")}: energy-based models`,
    dependencies: Object.fromEntries(dependencies.map((dependency) => [`@ergodic/${dependency}`, range])),
  });
  write(preset, of("preset.ts"));
  writeManifest(cli, {
    ...app,
    dependencies: Object.fromEntries(Object.entries(extended).sort(([a], [b]) => (a < b ? -1 : 1))),
  });
  return [folder, preset, cli].map((path) => relative(root, path));
}
