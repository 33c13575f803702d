/**
 * Experiment files: their imports, the files of their source, differences between sources, and
 * trusted experiments.
 */
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { recordOfSource } from "@ergodic/training/node";
import { sourceDifference } from "../src/experiments/difference.js";
import { importExperimentFile, sharedModules } from "../src/experiments/import-file.js";
import { readSourceFiles, resolvePackages } from "../src/experiments/source-files.js";
import { findTrusted, rememberTrusted, stateFolder } from "../src/experiments/trusted.js";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "ergodic-experiments-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

describe("an experiment file outside of the repository", () => {
  it.each(["ts", "mjs"])("can import every package of Ergodic and its subpaths (.%s)", async (ending) => {
    const packages = await readdir(new URL("../../../packages", import.meta.url));
    expect(sharedModules).toEqual(expect.arrayContaining(packages.map((name) => `@ergodic/${name}`)));
    const imports = sharedModules.map((name, i) => `import * as m${i} from "${name}";`).join("\n");
    await put({
      [`x.${ending}`]: `${imports}\nexport default [${sharedModules.map((_, i) => `m${i}`).join(", ")}];\n`,
    });
    const { default: modules } = await importExperimentFile(join(folder, `x.${ending}`));
    expect(modules).toHaveLength(sharedModules.length);
    for (const module of modules as object[]) expect(Object.keys(module).length).toBeGreaterThan(0);
  });
});

describe("the source of an experiment", () => {
  it("is its file and all it imports from beside it, found without running any of it", async () => {
    await put({
      "a/x.ts": `import { net, type Net } from "./net";
import type { OnlyAType } from "./types";
import table from "../data/table.json";
import old = require("./old.cjs");
import * as tf from "@tensorflow/tfjs-core";
import something from "some-package/part";
import { join } from "node:path";
// import gone from "./gone";
throw new Error("this was run");
const later = () => import("./later.mjs");
export default { net, table, old, tf, something, join, later };
`,
      "a/net.ts": 'export * from "./deep/er.js";\nexport type Net = number;\n',
      "a/deep/er.ts": 'import { x } from "../x";\nexport const net = x;\n',
      "a/types.ts": "export type OnlyAType = number;\n",
      "a/later.mjs": "export default 1;\n",
      "a/old.cjs": 'module.exports = require("./older");\n',
      "a/older.js": "module.exports = 1;\n",
      "a/stranger.ts": "export {};\n",
      "data/table.json": "[1]\n",
    });
    const { source, packages } = readSourceFiles(join(folder, "a", "x.ts"));
    expect(source.entry).toBe("a/x.ts");
    expect(Object.keys(source.files).sort()).toEqual(
      ["a/x.ts", "a/net.ts", "a/deep/er.ts", "a/later.mjs", "a/old.cjs", "a/older.js", "data/table.json"].sort(),
    );
    expect(source.files["data/table.json"]).toBe("[1]\n");
    expect(packages).toEqual(["some-package/part"]);
  });

  it("of a file with a mistake is that file", async () => {
    await put({ "x.ts": "export default {{{\n" });
    expect(Object.keys(readSourceFiles(join(folder, "x.ts")).source.files)).toEqual(["x.ts"]);
    expect(() => readSourceFiles(join(folder, "none.ts"))).toThrow(/can't read .*none\.ts/);
  });

  it("leads to packages from where the file lay", async () => {
    await put({
      "there/node_modules/some-package/index.js": "exports.part = 7;\n",
      "there/x.ts": "",
      "copy/x.ts": 'import { part } from "some-package";\nexport default part;\n',
    });
    const { packages } = readSourceFiles(join(folder, "copy", "x.ts"));
    const found = resolvePackages(packages, join(folder, "there", "x.ts"));
    expect((await importExperimentFile(join(folder, "copy", "x.ts"), found)).default).toBe(7);
    await expect(importExperimentFile(join(folder, "copy", "x.ts"))).rejects.toThrow(/some-package/);
  });

  it("differs in the lines between the first and the last change, file by file", () => {
    const lines = (...middle: string[]) => ["one", ...middle, "two", ""].join("\n");
    const before = { entry: "x.ts", files: { "x.ts": lines("a", "b"), "y.ts": "same", "old.ts": "" } };
    const now = {
      entry: "a/z.ts",
      files: { "a/z.ts": lines("a", "\u001b[2Jc", "d"), "a/y.ts": "same", "a/new.ts": "" },
    };
    expect(sourceDifference(before, now)).toEqual([
      ...["the file itself, line 3:", "- b", "+ \u{fffd}[2Jc", "+ d"],
      ...["old.ts: is not imported any more", "new.ts: is new"],
    ]);
    expect(sourceDifference(before, before)).toEqual([]);
    const long = { entry: "x", files: { x: Array.from({ length: 30 }, (_, i) => `${i}`).join("\n") } };
    const shown = sourceDifference({ entry: "x", files: { x: "" } }, long);
    expect([shown.length, shown.at(-1)]).toEqual([11, "+ (22 more)"]);
  });
});

describe("the list of experiments that were trained with", () => {
  const source = { entry: "a/x.ts", files: { "a/x.ts": "export default 1;\n", "y.ts": "" } };
  const { sha256 } = recordOfSource(source);

  it("holds copies by hash, and every place that they were trained from", async () => {
    expect(await findTrusted(sha256, folder)).toBeUndefined();
    await rememberTrusted(source, "/here/x.ts", folder);
    await rememberTrusted(source, "/here/x.ts", folder);
    const renamed = { entry: "b/z.ts", files: { "b/z.ts": "export default 1;\n", "y.ts": "" } };
    await rememberTrusted(renamed, "/there/z.ts", folder);
    const found = await findTrusted(sha256, folder);
    expect(found).toMatchObject({ source, origins: ["/here/x.ts", "/there/z.ts"] });
    expect(await readFile(found?.copy ?? "", "utf8")).toBe("export default 1;\n");
  });

  it("is filled by many at once", async () => {
    const all = Array.from({ length: 8 }, (_, i) => ({ entry: "x", files: { x: `${i}` } }));
    await Promise.all(all.map((one) => rememberTrusted(one, "/x", folder)));
    for (const one of all) expect(await findTrusted(recordOfSource(one).sha256, folder)).toMatchObject({ source: one });
  });

  it("takes no copy that was altered, and mends it when the experiment is trained with again", async () => {
    await rememberTrusted(source, "/here/x.ts", folder);
    const found = await findTrusted(sha256, folder);
    await writeFile(found?.copy ?? "", "evil");
    expect(await findTrusted(sha256, folder)).toBeUndefined();
    await rememberTrusted(source, "/here/x.ts", folder);
    expect(await findTrusted(sha256, folder)).toMatchObject({ source });
  });

  it.each([
    ["linux", { XDG_STATE_HOME: "/state" }, "/state/ergodic"],
    ["linux", { XDG_STATE_HOME: "relative" }, "/home/u/.local/state/ergodic"],
    ["darwin", {}, "/home/u/.local/state/ergodic"],
    ["win32", { LOCALAPPDATA: "/local" }, "/local/ergodic"],
    ["win32", {}, "/home/u/AppData/Local/ergodic"],
  ] as const)("lies in the user's state on %s with %j", (platform, env, expected) => {
    expect(stateFolder(platform, env, "/home/u").replaceAll("\\", "/")).toBe(expected);
  });
});
