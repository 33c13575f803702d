/**
 * The first hour of a user, from packed tarballs in empty folders: install, import, train, sample,
 * score, types, and pages. Needs `npm run build`, the npm registry, and for pages Debian's chromium.
 *
 * `ERGODIC_NODES` may name other Node binaries to run with, separated by the path delimiter.
 */
import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ergodic-first-hour-"));
const tarballs = join(folder, "tarballs");
const nodes = [process.execPath, ...(process.env["ERGODIC_NODES"]?.split(delimiter) ?? [])];
const chromiumPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));

const execute = promisify(execFile);
const run = (command: string, args: readonly string[], cwd = folder) =>
  execute(command, args, { cwd, maxBuffer: 2 ** 26, env: { ...process.env, XDG_STATE_HOME: folder, NO_COLOR: "1" } });

/** The first program of the README. */
const firstProgram = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(root, "README.md"), "utf8"))![1]!;

const page = `
import { compile, provideEngines, useEngine } from "@ergodic/engine";
import { onnxWeb } from "@ergodic/engine/onnx-web";
import { doubleWell } from "@ergodic/energies";
import { langevin, runChain } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

provideEngines(onnxWeb);
const { name } = await useEngine("onnx-web");
const [y] = (await compile((x) => tf.square(x))(tf.tensor1d([3]))).dataSync();
const { energy } = doubleWell({});
const { position } = await runChain(langevin({ energy, stepSize: 0.1 }), {
  initial: random.normal(random.key(0), [64, 1]), steps: 50, key: random.key(1),
});
globalThis.found = { name, y, shape: position.shape, finite: position.dataSync().every(Number.isFinite) };
`;

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** What the page in a folder leaves in \`found\`, and what it says on the console. */
async function shown(site: string): Promise<{ found: unknown; said: string[] }> {
  const server = createServer(({ url = "/" }, response) => {
    const path = join(site, url === "/" ? "index.html" : decodeURIComponent(url.split("?")[0]!));
    response.statusCode = existsSync(path) ? 200 : 404;
    response.setHeader("Content-Type", types[extname(path)] ?? "text/html");
    response.end(existsSync(path) ? readFileSync(path) : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
  try {
    const tab = await browser.newPage();
    const said: string[] = [];
    tab.on("pageerror", ({ message }) => said.push(message));
    tab.on("console", (message) => {
      if (["error", "warning"].includes(message.type()) && !message.text().includes("favicon"))
        said.push(message.text());
    });
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await tab.waitForFunction(() => "found" in globalThis, undefined, { timeout: 60_000 }).catch(() => undefined);
    return { found: await tab.evaluate("globalThis.found"), said: said.filter((text) => !/404/.test(text)) };
  } finally {
    await browser.close();
    server.close();
  }
}

beforeAll(async () => {
  mkdirSync(tarballs);
  const packages = readdirSync(join(root, "packages")).map((name) => `@ergodic/${name}`);
  const workspaces = [...packages, "ergodic"].flatMap((name) => ["-w", name]);
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", tarballs, ...workspaces], root);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const files = readdirSync(tarballs).map((name) => join(tarballs, name));
  const tools = ["onnxruntime-web", "typescript@5", "@types/node@20", "vite", "esbuild"];
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...files, ...tools]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(nodes)("%s", (node) => {
  const ergodic = (...args: readonly string[]) =>
    run(node, [join(folder, "node_modules/ergodic/bin/ergodic.js"), ...args]);

  it("runs the first program of the README without a word on stderr", async () => {
    const script = firstProgram.replaceAll("(x: tf.Tensor)", "(x)");
    writeFileSync(join(folder, "first.mjs"), script);
    const { stdout, stderr } = await run(node, ["first.mjs"]);
    expect(stderr).toBe("");
    expect(stdout).toContain("[ 64, 1 ]");
  });

  it("inits, trains, samples and scores, and says nothing else", async () => {
    const name = `my-${nodes.indexOf(node)}`;
    await ergodic("init", `${name}.ts`);
    const short = ["training.iterations=3", "options.width=8", "options.steps=2"].flatMap((set) => ["--set", set]);
    const trained = await ergodic("train", `./${name}.ts`, ...short, "--out", `runs/${name}`, "--quiet");
    expect(trained.stderr).toBe("");
    expect(trained.stdout).toMatch(/^done: 3 iterations/);
    const sampled = await ergodic("sample", `runs/${name}`, "--n", "10", "--json");
    expect([sampled.stderr, JSON.parse(sampled.stdout)]).toEqual(["", expect.objectContaining({ shape: [10, 2] })]);
    const scored = await ergodic("evaluate", `runs/${name}`, "--quiet");
    expect(scored.stderr).toBe("");
    expect(scored.stdout).toMatch(/total variation|no nats/);
  });
});

it("type-checks in a strict project, with the experiment of init", async () => {
  writeFileSync(join(folder, "first.ts"), firstProgram);
  await run(process.execPath, [join(folder, "node_modules/ergodic/bin/ergodic.js"), "init", "typed.ts"]);
  for (const moduleResolution of ["NodeNext", "Bundler"]) {
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: "ES2022", lib: ["ES2023", "DOM"], types: ["node"] },
      ...{ module: moduleResolution === "NodeNext" ? "NodeNext" : "ESNext", moduleResolution, skipLibCheck: true },
      ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["first.ts", "typed.ts"] }));
    const { stdout } = await run("npx", ["tsc", "-p", "."]).catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  }
});

describe.skipIf(chromiumPath === undefined)("a page", () => {
  const expected = { name: "onnx-web", y: 9, shape: [64, 1], finite: true };
  const site = (name: string): string => {
    const place = join(folder, name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "main.js"), page);
    return place;
  };
  const html = (script: string): string =>
    `<!doctype html><title>page</title><script type="module" src="${script}"></script>`;

  it("of vite runs on onnx-web", async () => {
    const place = site("vite");
    writeFileSync(join(place, "index.html"), html("/main.js"));
    writeFileSync(join(place, "vite.config.js"), `export default { build: { target: "esnext" } };`);
    await run("npx", ["vite", "build", "--logLevel", "warn"], place);
    expect(await shown(join(place, "dist"))).toEqual({ found: expected, said: [] });
  });

  it("of esbuild runs on onnx-web with the one file that the README names", async () => {
    const place = site("esbuild");
    const out = join(place, "dist");
    await run(
      "npx",
      ["esbuild", "main.js", "--bundle", "--format=esm", `--outdir=${out}`, "--log-level=warning"],
      place,
    );
    writeFileSync(join(out, "index.html"), html("/main.js"));
    const wasm = "ort-wasm-simd-threaded.wasm";
    copyFileSync(join(folder, "node_modules/onnxruntime-web/dist", wasm), join(out, wasm));
    expect(await shown(out)).toEqual({ found: expected, said: [] });
  });
});
