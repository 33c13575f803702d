/** The laws in a browser: a bundled page, served to Debian's headless chromium. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EngineName, EngineStatus } from "../src/index.js";
import { laws, type runLaws } from "./contract/laws.js";

interface Contract {
  readonly runLaws: typeof runLaws;
  discoverEngines(): Promise<EngineStatus[]>;
  auto(): Promise<EngineName>;
}

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
if (executablePath === undefined) console.warn("Not tested in a browser: chromium is not installed here.");

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(import.meta.url);
const folderOf = (file: string): string => dirname(require.resolve(file));
const folders: Readonly<Record<string, string>> = {
  ort: folderOf("onnxruntime-web/ort-wasm-simd-threaded.wasm"),
  tfjs: join(folderOf("@tensorflow/tfjs-backend-wasm/package.json"), "dist"),
};
const TYPES: Readonly<Record<string, string>> = {
  wasm: "application/wasm",
  mjs: "text/javascript",
  js: "text/javascript",
};

async function pageScript(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here("contract/page.ts")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    alias: { "@ergodic/tensor": here("../../tensor/src/index.ts") },
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

/** Serves the page cross-origin isolated, so that WebAssembly may share memory between threads. */
function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const [, folder, file] = (request.url ?? "/").split("/") as [string, string, string?];
    if (folder === "" || folder === "page.js") {
      response.setHeader("Content-Type", folder === "" ? "text/html" : "text/javascript");
      response.end(folder === "" ? '<!doctype html><script type="module" src="/page.js"></script>' : script);
      return;
    }
    const path = join(folders[folder] ?? "", file ?? "");
    if (folders[folder] === undefined || !existsSync(path)) {
      response.statusCode = 404;
      response.end();
      return;
    }
    response.setHeader("Content-Type", TYPES[path.split(".").at(-1)!] ?? "application/octet-stream");
    response.end(readFileSync(path));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

describe.skipIf(executablePath === undefined)("in a browser", () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let statuses: EngineStatus[];

  beforeAll(async () => {
    server = await serve(await pageScript());
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: [
        "--no-sandbox",
        "--enable-unsafe-webgpu",
        "--use-webgpu-adapter=swiftshader",
        "--enable-unsafe-swiftshader",
      ],
    });
    page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page
      .waitForFunction(() => "contract" in globalThis, undefined, { timeout: 20_000 })
      .catch((error: unknown) => {
        throw new Error(`the page did not start: ${failures.join("; ")}`, { cause: error });
      });
    statuses = await page.evaluate(() => (globalThis as unknown as { contract: Contract }).contract.discoverEngines());
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it("auto takes the compiled engine, and no GPU in software", async () => {
    expect(await page.evaluate("crossOriginIsolated")).toBe(true);
    expect(await page.evaluate(() => (globalThis as unknown as { contract: Contract }).contract.auto())).toBe(
      "onnx-web",
    );
    for (const { name, processor } of statuses) {
      if (["webgpu", "onnx-webgpu", "webgl"].includes(name) && processor) expect(processor).toBe("software gpu");
    }
  });

  it("engines for Node say that they do not load", () => {
    const missing = statuses.filter(({ available }) => !available).map(({ name }) => name);
    expect(missing).toEqual(expect.arrayContaining(["onnx", "tensorflow", "onnx-cuda"]));
  });

  it.for<EngineName>(["onnx-web", "wasm", "webgl", "cpu", "webgpu", "onnx-webgpu"])(
    "%s keeps the laws",
    async (name, { skip }) => {
      const status = statuses.find((one) => one.name === name)!;
      if (!status.available && name.endsWith("webgpu")) {
        console.warn(`Not tested in the browser: the engine "${name}" does not load: ${status.reason}`);
        skip(status.reason);
      }
      expect(status).toMatchObject({ available: true });
      const outcomes = await page.evaluate(
        (engine) => (globalThis as unknown as { contract: Contract }).contract.runLaws(engine),
        name,
      );
      const broken = Object.entries(outcomes).filter(([, failure]) => failure !== undefined);
      expect(Object.keys(laws).length).toBeGreaterThan(0);
      expect(broken).toEqual([]);
    },
  );
});
