/**
 * Manifest fields of every published workspace member.
 *
 * npm needs them to publish a package, and readers need them to find it.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly repository: { readonly type: string; readonly url: string };
  readonly keywords: readonly string[];
  readonly description: string;
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly peerDependenciesMeta?: Record<string, { readonly optional?: boolean }>;
  readonly bin?: Record<string, string>;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const text = (...path: readonly string[]): string => readFileSync(join(root, ...path), "utf8");
const manifestOf = (folder: string): Manifest => JSON.parse(text(folder, "package.json")) as Manifest;

const folders = ["packages", "apps"].flatMap((kind) =>
  readdirSync(join(root, kind))
    .map((name) => `${kind}/${name}`)
    .filter((folder) => existsSync(join(root, folder, "package.json"))),
);
const published = folders.filter((folder) => manifestOf(folder).private !== true);
const { repository } = manifestOf(".");
const { version } = manifestOf("packages/tensor");

it("the published members are the packages and the command line", () => {
  expect(repository).toEqual({ type: "git", url: expect.stringMatching(/^git\+https:.*\.git$/) as string });
  expect(published).toEqual([...folders.filter((folder) => folder.startsWith("packages/")), "apps/cli"]);
});

describe.each(published)("%s", (folder) => {
  const manifest = manifestOf(folder);

  it("can be published and found", () => {
    const kind = folder.startsWith("packages/") ? "@ergodic/" : "";
    expect(manifest).toMatchObject({
      name: kind === "" ? "ergodic" : `${kind}${folder.slice("packages/".length)}`,
      version,
      license: "MIT",
      repository: { ...repository, directory: folder },
      publishConfig: { access: "public" },
      engines: { node: ">=20.19" },
    });
    expect(manifest.description).toMatch(/^[A-Z].*[^.]$/);
    expect(manifest.keywords).toContain("energy-based-model");
    expect(manifest.keywords.length).toBeGreaterThanOrEqual(4);
    expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
  });

  it("carries the licence and a README", () => {
    expect(text(folder, "LICENSE")).toBe(text("LICENSE"));
    expect(text(folder, "README.md")).toMatch(new RegExp(`^# ${manifest.name}\n`));
  });

  it("asks for other members in their version, and for nothing in any version", () => {
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    const wanted = Object.entries({ ...dependencies, ...peerDependencies });
    for (const [name, range] of wanted) {
      if (name.startsWith("@ergodic/")) expect(range, name).toBe(`^${version}`);
      else expect(range, name).toMatch(/^(\^|>=)\d/);
    }
    for (const name of Object.keys(peerDependenciesMeta)) expect(peerDependencies).toHaveProperty([name]);
  });
});
