/** The same call gives the same bits in another process. Exact resume depends on this. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { nativeTensorFlow } from "./native-tensorflow.js";

const script = fileURLToPath(new URL("learning-iteration.ts", import.meta.url));
const configuration = fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url));
const execute = promisify(execFile);

interface Learned {
  readonly hash: string;
  readonly programs: number;
  readonly first: number;
}

/**
 * Runs the iterations on each engine, in a new process. The sources are loaded as CommonJS, because
 * plain Node cannot import TensorFlow.js' gradients from its ES modules. Engines are loaded by
 * `import`.
 */
async function learn(engines: readonly string[]): Promise<{ learned: readonly Learned[]; stderr: string }> {
  const load = [
    "--require",
    "tsx/cjs",
    "--import",
    "tsx",
    "--eval",
    `require(${JSON.stringify(script)})`,
    "--",
    ...engines,
  ];
  const { stdout, stderr } = await execute(process.execPath, load, {
    env: { ...process.env, TSX_TSCONFIG_PATH: configuration },
  });
  return { learned: JSON.parse(stdout.trim().split("\n").at(-1)!) as readonly Learned[], stderr };
}

const engines = ["cpu", "onnx", ...(nativeTensorFlow === undefined ? [] : ["tensorflow"])];

it("a learning iteration has the same bits in two processes, and logs nothing, on every engine", async () => {
  const first = await learn(engines);
  expect(first.stderr).toBe("");
  expect(first.learned.length).toBe(engines.length);
  for (const { hash, programs, first: weight } of first.learned) {
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(programs).toBe(1);
    expect(Number.isFinite(weight)).toBe(true);
  }
  expect(await learn(engines)).toEqual(first);
});
