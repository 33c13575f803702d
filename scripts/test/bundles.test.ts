/**
 * The root of every package bundles for browsers without Node modules and within a stated size.
 *
 * Subpaths bundle without Node modules too, except `node` and the backends of the engine. Code that
 * needs Node (files, processes, threads) is in `node`. Backends are peers that the page chooses, so
 * they are excluded.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { backendPattern } from "../lint/floors.js";
import { subpathsOf } from "../source-aliases.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Maximum bytes of each root, minified, with everything that it loads later.
 *
 * TensorFlow.js' core is included: 260 kB of it where gradients are taken, else 80 kB. A change
 * that needs more raises the number and gives the reason in its commit. Unlisted packages are
 * families of models, which import all others.
 */
const bounds: Readonly<Record<string, number>> = {
  data: 200_000,
  diagnosis: 580_000,
  energies: 545_000,
  engine: 585_000,
  evaluation: 210_000,
  flows: 605_000,
  formats: 40_000,
  generators: 550_000,
  "latent-priors": 735_000,
  "linear-algebra": 95_000,
  "neural-transport": 635_000,
  nn: 585_000,
  noising: 115_000,
  report: 20_000,
  samplers: 655_000,
  tensor: 125_000,
  training: 650_000,
};

const boundOfFamilies = 750_000;

async function bundle(...files: string[]): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: files,
    tsconfig: join(root, "tsconfig.base.json"),
    outdir: "unused",
    outbase: ".",
    bundle: true,
    splitting: true,
    minify: true,
    platform: "browser",
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "error",
    plugins: [
      {
        name: "outside",
        setup({ onResolve }) {
          for (const filter of [backendPattern, /^node:/])
            onResolve({ filter }, ({ path }) => ({ path, external: true }));
        },
      },
    ],
  });
  return metafile;
}

/** Node modules that a file and what it imports ask for, with the files that import them. */
function nodeModules({ inputs }: Metafile, file: string): string[] {
  const found: string[] = [];
  const seen = new Set([file]);
  for (const importer of seen)
    for (const { path, external } of inputs[importer]!.imports)
      if (!external) seen.add(path);
      else if (path.startsWith("node:")) found.push(`${path}, imported by ${importer}`);
  return found;
}

const packages = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(join(root, "packages", name, "src", "index.ts")),
);

it("bounds are given for packages that exist", () => {
  expect(packages).toEqual(expect.arrayContaining(Object.keys(bounds)));
});

const subpaths = packages
  .filter((name) => name !== "engine")
  .flatMap((name) => subpathsOf(name).map((entry) => ({ name, entry })))
  .filter(({ entry }) => entry !== "node");

describe.each(packages)("@ergodic/%s in a page", (name) => {
  const most = bounds[name] ?? boundOfFamilies;
  it(`takes none of Node's modules and at most ${most} bytes`, async () => {
    const file = `packages/${name}/src/index.ts`;
    const bundled = await bundle(file);
    expect(nodeModules(bundled, file)).toEqual([]);
    const bytes = Object.values(bundled.outputs).reduce((sum, output) => sum + output.bytes, 0);
    expect(bytes).toBeLessThanOrEqual(most);
  });
});

describe("in a page", () => {
  const fileOf = ({ name, entry }: (typeof subpaths)[number]): string => `packages/${name}/src/entries/${entry}.ts`;
  const forNode = "scripts/source-aliases.ts";
  let bundled: Metafile;
  beforeAll(async () => {
    bundled = await bundle(...subpaths.map(fileOf), forNode);
  });

  it.each(subpaths)("@ergodic/$name/$entry takes none of Node's modules", (subpath) => {
    expect(nodeModules(bundled, fileOf(subpath))).toEqual([]);
  });

  it("a module of Node's is noticed", () => {
    expect(nodeModules(bundled, forNode)).toContainEqual(expect.stringMatching(/^node:fs, /));
  });
});
