/** Runs TypeScript as applications do that bundle it. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * What a module prints, and the status with which Node ends, after it was bundled, minified, with the
 * names of functions kept.
 */
export async function runBundled(
  code: string,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly status: number | null }> {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder, loader: "ts" },
    ...{ bundle: true, minify: true, keepNames: true, write: false, platform: "node", format: "esm" },
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' },
  });
  const input = outputFiles[0]!.text;
  return spawnSync(process.execPath, ["--input-type=module"], { input, encoding: "utf8", timeout: 60_000 });
}
