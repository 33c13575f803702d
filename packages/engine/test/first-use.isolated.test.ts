/** What a program finds that chooses no engine, in a process of its own. Needs `npm run build`. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const cwd = fileURLToPath(new URL("..", import.meta.url));

/** What a module prints, with what the engine and TensorFlow.js export in scope. */
async function printed(program: string, env: NodeJS.ProcessEnv = {}): Promise<{ out: unknown; stderr: string }> {
  const head = `import * as tf from "@tensorflow/tfjs-core"; import * as engine from "@ergodic/engine";`;
  const args = ["--input-type=module", "--eval", `${head} ${program}`];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
  });
  return { out: JSON.parse(stdout), stderr };
}

describe("without a choice", () => {
  it("tensors and operations work before the first compiled call, which takes the compiled engine", async () => {
    const program = `
      const loadedByImport = tf.findBackendFactory("cpu") !== null;
      const x = tf.mul(tf.tensor1d([1, 2]), 2);
      const limit = tf.logSumExp(tf.tensor1d([Infinity, 1])).dataSync()[0] === Infinity;
      const { value, grad } = await engine.compile(engine.valueAndGrad((y) => tf.sum(tf.square(y))))(x);
      const later = tf.add(x, grad);
      console.log(JSON.stringify({
        loadedByImport, limit, engine: engine.currentEngine().name,
        numbers: [value, grad, later].map((y) => [...y.dataSync()]),
      }));`;
    expect(await printed(program)).toEqual({
      out: { loadedByImport: false, limit: true, engine: "onnx", numbers: [[20], [4, 8], [6, 12]] },
      stderr: "",
    });
  });

  it("a backend that the program imports itself is used for its tensors", async () => {
    const program = `
      await import("@tensorflow/tfjs-backend-cpu");
      tf.tensor1d([1]);
      console.log(JSON.stringify(tf.getBackend()));`;
    expect((await printed(program)).out).toBe("cpu");
  });

  it("the environment says how many threads, and a bad number is refused", async () => {
    const program = `
      const { description } = await engine.useEngine("onnx").catch(({ message }) => ({ description: message }));
      console.log(JSON.stringify(description));`;
    expect((await printed(program, { ERGODIC_THREADS: "1" })).out).toMatch(/CPU, 1 thread\b/);
    expect((await printed(program, { ERGODIC_THREADS: "all" })).out).toMatch(
      /ERGODIC_THREADS is "all", expected an integer >= 1/,
    );
  });
});
