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
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
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
  diagnosis: 535_000,
  energies: 490_000,
  engine: 540_000,
  evaluation: 205_000,
  flows: 550_000,
  formats: 40_000,
  generators: 500_000,
  "latent-priors": 675_000,
  "linear-algebra": 95_000,
  "neural-transport": 575_000,
  nn: 535_000,
  noising: 115_000,
  report: 20_000,
  samplers: 625_000,
  tensor: 125_000,
  training: 600_000,
};

const boundOfFamilies = 750_000;

interface Bundle {
  readonly bytes: number;
  /** Node modules, with the files that import them. */
  readonly node: readonly string[];
}

async function bundle(file: string): Promise<Bundle> {
  const node: string[] = [];
  const { outputFiles } = await build({
    entryPoints: [join(root, file)],
    tsconfig: join(root, "tsconfig.base.json"),
    outdir: "unused",
    bundle: true,
    splitting: true,
    minify: true,
    platform: "browser",
    format: "esm",
    write: false,
    logLevel: "error",
    plugins: [
      {
        name: "outside",
        setup({ onResolve }) {
          onResolve({ filter: backendPattern }, ({ path }) => ({ path, external: true }));
          onResolve({ filter: /^node:/ }, ({ path, importer }) => {
            node.push(`${path}, imported by ${importer}`);
            return { path, external: true };
          });
        },
      },
    ],
  });
  return { bytes: outputFiles.reduce((sum, { contents }) => sum + contents.length, 0), node };
}

const packages = readdirSync(join(root, "packages")).filter((name) =>
  existsSync(join(root, "packages", name, "src", "index.ts")),
);

it("bounds are given for packages that exist", () => {
  expect(packages).toEqual(expect.arrayContaining(Object.keys(bounds)));
});

describe.each(packages)("@ergodic/%s in a page", (name) => {
  const most = bounds[name] ?? boundOfFamilies;
  it(`takes none of Node's modules and at most ${most} bytes`, async () => {
    const { bytes, node } = await bundle(`packages/${name}/src/index.ts`);
    expect(node).toEqual([]);
    expect(bytes).toBeLessThanOrEqual(most);
  });
});

const subpaths = packages
  .filter((name) => name !== "engine")
  .flatMap((name) => subpathsOf(name).map((entry) => ({ name, entry })))
  .filter(({ entry }) => entry !== "node");

it.each(subpaths)("@ergodic/$name/$entry in a page takes none of Node's modules", async ({ name, entry }) => {
  expect((await bundle(`packages/${name}/src/entries/${entry}.ts`)).node).toEqual([]);
});

it("a module of Node's is noticed", async () => {
  expect((await bundle("scripts/source-aliases.ts")).node).toContainEqual(expect.stringMatching(/^node:fs, /));
});
