/** The same call gives the same bits in another process. Exact resume depends on this. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { nativeTensorFlow } from "./native-tensorflow.js";

const script = fileURLToPath(new URL("learning-iteration.ts", import.meta.url));
const configuration = fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url));
const execute = promisify(execFile);

/**
 * Runs the iterations in a new process. The sources are loaded as CommonJS, because plain Node
 * cannot import TensorFlow.js' gradients from its ES modules. Engines are loaded by `import`.
 */
async function learn(engine: string): Promise<{ hash: string; programs: number; first: number; stderr: string }> {
  const load = [
    "--require",
    "tsx/cjs",
    "--import",
    "tsx",
    "--eval",
    `require(${JSON.stringify(script)})`,
    "--",
    engine,
  ];
  const { stdout, stderr } = await execute(process.execPath, load, {
    env: { ...process.env, TSX_TSCONFIG_PATH: configuration },
  });
  return { ...JSON.parse(stdout.trim().split("\n").at(-1)!), stderr } as Awaited<ReturnType<typeof learn>>;
}

const engines = ["cpu", "onnx", ...(nativeTensorFlow === undefined ? [] : ["tensorflow"])];

describe.each(engines)("a learning iteration on %s", (engine) => {
  it("has the same bits in two processes, and logs nothing", async () => {
    const first = await learn(engine);
    expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(first.programs).toBe(1);
    expect(first.stderr).toBe("");
    expect(Number.isFinite(first.first)).toBe(true);
    expect(await learn(engine)).toEqual(first);
  });
});
