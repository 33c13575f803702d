/** Two copies of this package in one process are refused with an error that names both. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, rm } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EngineError } from "../src/errors.js";
import { claim, thisCopy } from "../src/single-copy.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const folder = here(`../node_modules/.cache/copies-${process.pid}`);
const { version } = JSON.parse(await readFile(here("../package.json"), "utf8")) as { readonly version: string };

/** A copy in a separate folder, as npm installs one below the package that requires it. */
async function copyOf(name: string, stated: string): Promise<string> {
  const outfile = `${folder}/${name}/engine.mjs`;
  await build({
    entryPoints: [here("../src/index.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    alias: { "@ergodic/tensor": here("../../tensor/src/index.ts") },
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    plugins: [
      {
        name: "one TensorFlow.js, and the stated version",
        setup({ onLoad, onResolve }) {
          onResolve({ filter: /^@tensorflow\/tfjs-[a-z-]+$/ }, ({ path }) => ({ path, external: true }));
          onLoad({ filter: /engine.package\.json$/ }, () => ({
            contents: JSON.stringify({ version: stated }),
            loader: "json",
          }));
        },
      },
    ],
    logLevel: "error",
  });
  return outfile;
}

/**
 * Imports files one after another, possibly the same file twice. Returns the first error's name and
 * message.
 */
async function imported(...urls: readonly string[]): Promise<string> {
  const program = `
    try {
      for (const url of ${JSON.stringify(urls)}) await import(url);
      console.log("loaded");
    } catch ({ name, message }) {
      console.log(name + ": " + message);
    }`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  return stdout.trim();
}

describe("two copies of the engine", () => {
  let [ours, theirs, twin]: string[] = [];

  beforeAll(async () => {
    ours = await copyOf("ours", version);
    theirs = await copyOf("theirs", "9.9.9");
    twin = `${folder}/twin/engine.mjs`;
    await mkdir(`${folder}/twin`, { recursive: true });
    await copyFile(ours, twin);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("of two versions are refused, with versions and files", async () => {
    const [first, second] = [ours, theirs].map((file) => pathToFileURL(file!).href);
    expect(await imported(first!, second!)).toBe(
      `EngineError: two copies of @ergodic/engine meet in one process: ${version} from ${first} and 9.9.9 from ${second}. ` +
        `Each would choose an engine of its own. Keep one: "npm ls @ergodic/engine" shows who asks for them, "npm dedupe" ` +
        "joins equal versions.",
    );
  });

  it("of one version in two places are refused", async () => {
    const [first, second] = [ours, twin].map((file) => pathToFileURL(file!).href);
    expect(await imported(first!, second!)).toContain(`${version} from ${first} and ${version} from ${second}`);
  });

  it("are one when a loader reads the same file again", async () => {
    const url = pathToFileURL(ours!).href;
    expect(await imported(url, `${url}?again`, `${url}#2`)).toBe("loaded");
  });

  it("are told apart by version where a bundler put both into one file", () => {
    const scope = {};
    claim(scope, thisCopy);
    claim(scope, { ...thisCopy });
    expect(() => claim(scope, { ...thisCopy, version: "9.9.9" })).toThrow(EngineError);
  });
});

it("a copy knows its version and place", () => {
  expect(thisCopy).toEqual({ version, url: new URL("../src/single-copy.ts", import.meta.url).href });
});
