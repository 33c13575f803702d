/** NUTS on the host by several threads: the same draws, bit by bit, as by one. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs-core";
import { build } from "esbuild";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, tree, useThreads, type TensorTree } from "@ergodic/tensor";
import { diagonalMass, nuts, openKernel, sample, warmUp, type NutsOptions } from "../src/index.js";

beforeAll(async () => {
  await useEngine("cpu");
});

afterEach(() => {
  useThreads(1);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const key = random.key("nuts-threads");
const normal = (shape: number[], i: number) => random.normal(random.fold(key, i), shape);

/** A digest of all numbers of trees of tensors. */
function digest(values: TensorTree): string {
  const hash = createHash("sha256");
  for (const leaf of tree.leaves(values)) hash.update(new Uint8Array(leaf.dataSync().slice().buffer));
  return hash.digest("hex");
}

interface Run<X extends TensorTree> extends NutsOptions<X> {
  readonly start: X;
  readonly steps: number;
}

/** What a warm-up and draws give, on so many threads. */
async function run<X extends TensorTree>({ start, steps, ...options }: Run<X>, threads: number): Promise<string> {
  useThreads(threads);
  const kernel = openKernel(nuts(options));
  try {
    const tuned = await warmUp(kernel, start, { steps, key });
    const drawn = await sample(kernel, { initial: tuned, draws: steps, key });
    return digest([tuned, drawn] as unknown as TensorTree);
  } finally {
    await kernel.dispose();
  }
}

/** As a hierarchical posterior has: a scale among the numbers, and every kind of function in reach. */
const funnel = (x: tf.Tensor): tf.Tensor => {
  const [scale, rest] = [tf.slice(x, [0, 0], [-1, 1]), tf.slice(x, [0, 1], [-1, -1])];
  const wide = tf.add(0.5, tf.softplus(scale));
  return tf.add(
    tf.sum(tf.add(tf.mul(0.5, tf.square(tf.div(rest, wide))), tf.log(wide)), 1),
    tf.sum(tf.add(tf.square(scale), tf.selu(tf.neg(scale))), 1),
  );
};

const cases: Record<string, () => Run<never>> = {
  "a dense mass, trees of uneven depth": () =>
    ({ energy: funnel, start: normal([300, 8], 0), steps: 10 }) as unknown as Run<never>,
  "a diagonal mass, in many dimensions": () =>
    ({
      energy: (x: tf.Tensor) => tf.sum(tf.mul(0.5, tf.square(tf.div(x, tf.linspace(0.1, 3, 60)))), 1),
      mass: diagonalMass(),
      start: normal([96, 60], 1),
      steps: 24,
    }) as unknown as Run<never>,
  "a tree of positions, temperatures of chains, no further checks": () =>
    ({
      energy: ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) =>
        tf.add(tf.sum(tf.pow(a, 4), 1), tf.sum(tf.square(tf.sub(b, tf.sum(a, 1, true))), [1, 2])),
      temperature: tf.linspace(0.5, 2, 300),
      extraTurnChecks: false,
      start: { a: normal([300, 2], 2), b: normal([300, 2, 3], 3) },
      steps: 24,
    }) as unknown as Run<never>,
  "modes with masses of their own, an energy that knows the chain": () =>
    ({
      energy: (x: tf.Tensor, chains: tf.Tensor1D) =>
        tf.sum(tf.square(tf.div(x, tf.reshape(tf.add(0.01, tf.mod(tf.cast(chains, "float32"), 3)), [-1, 1]))), 1),
      start: normal([90, 4], 4),
      steps: 150,
    }) as unknown as Run<never>,
  "few chains, many draws": () => ({ energy: funnel, start: normal([4, 8], 5), steps: 400 }) as unknown as Run<never>,
};

describe("threads give the same draws", () => {
  it.each(Object.keys(cases))("%s", async (name) => {
    const post = vi.spyOn(Worker.prototype, "postMessage");
    const alone = await run(cases[name]!(), 1);
    expect(post).not.toHaveBeenCalled();
    for (const threads of [2, 3]) expect(await run(cases[name]!(), threads)).toBe(alone);
    expect(post).toHaveBeenCalled();
  });

  it("after a captured variable has changed", async () => {
    const digests: string[][] = [];
    for (const threads of [1, 3]) {
      useThreads(threads);
      const centre = tf.variable(tf.zeros([1, 6]));
      const kernel = openKernel(nuts({ energy: (x: tf.Tensor) => tf.sum(tf.square(tf.sub(x, centre)), 1) }));
      const runs: string[] = [];
      for (const value of [0, 3, -2]) {
        centre.assign(tf.fill([1, 6], value));
        const drawn = await sample(kernel, { initial: normal([400, 6], 6), draws: 30, key });
        runs.push(digest(drawn as unknown as TensorTree));
        const mean = tf.mean(tf.slice(drawn.positions, [0, 10, 0], [400, 20, 6])).dataSync()[0]!;
        // The mean of 48,000 correlated draws of variance 1/2: five standard errors, for an ESS of a tenth.
        expect(Math.abs(mean - value)).toBeLessThan(0.05);
      }
      digests.push(runs);
      await kernel.dispose();
    }
    expect(digests[1]).toEqual(digests[0]);
    expect(new Set(digests[0]).size).toBe(3);
  });

  it("where a page has no threads", async () => {
    const name = "few chains, many draws";
    const alone = await run(cases[name]!(), 1);
    vi.stubGlobal("document", {});
    const post = vi.spyOn(Worker.prototype, "postMessage");
    expect(await run(cases[name]!(), 3)).toBe(alone);
    expect(post).not.toHaveBeenCalled();
  });
});

it("leaves small work to the calling thread", async () => {
  useThreads(2);
  const post = vi.spyOn(Worker.prototype, "postMessage");
  const kernel = openKernel(nuts({ energy: (x: tf.Tensor) => tf.sum(tf.square(x), 1) }));
  await sample(kernel, { initial: normal([4, 2], 7), draws: 5, key });
  await kernel.dispose();
  expect(post).not.toHaveBeenCalled();
});

it("draws of two runs at the same time do not mix", async () => {
  useThreads(2);
  const kernel = openKernel(nuts({ energy: funnel }));
  const starts = [normal([300, 8], 8), normal([200, 8], 9)];
  const draw = async (initial: tf.Tensor) =>
    digest((await sample(kernel, { initial, draws: 60, key })) as unknown as TensorTree);
  const together = await Promise.all(starts.map(draw));
  useThreads(1);
  for (const [i, start] of starts.entries()) expect(await draw(start)).toBe(together[i]);
  await kernel.dispose();
});

it("threads run in a minified bundle with names kept, and let the process end", async () => {
  const code = `
    import * as tf from "@tensorflow/tfjs-core";
    import { useEngine } from "@ergodic/engine";
    import { nuts, sample } from "@ergodic/samplers";
    import { random, tree, useThreads } from "@ergodic/tensor";
    import { Worker } from "node:worker_threads";
    const { postMessage } = Worker.prototype;
    let helped = 0;
    Worker.prototype.postMessage = function (job) {
      helped += 1;
      return postMessage.call(this, job);
    };
    await useEngine("cpu");
    const key = random.key(1);
    const energy = (x) => tf.sum(tf.add(tf.selu(tf.square(x)), tf.softplus(x)), 1);
    const draws = async (threads, diagonal) => {
      useThreads(threads);
      const size = diagonal ? 40 : 6;
      const drawn = await sample(nuts({ energy }), { initial: random.normal(key, [400, size]), draws: 40, key });
      return [...drawn.positions.dataSync(), ...drawn.info.energy.dataSync()].join();
    };
    const same = [];
    for (const diagonal of [true, false, true, false]) {
      same.push((await draws(2, diagonal)) === (await draws(1, diagonal)));
      // Helpers have begun after the first round.
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    console.log(JSON.stringify([helped > 0, ...same]));`;
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
    tsconfig: fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url)),
    bundle: true,
    minify: true,
    keepNames: true,
    platform: "node",
    format: "esm",
    write: false,
    mainFields: ["module", "main"],
    external: ["onnxruntime-*", "@tensorflow/tfjs-backend-web*", "@tensorflow/tfjs-backend-wasm"],
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' },
  });
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module"], {
    input: outputFiles[0]!.text,
    encoding: "utf8",
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    timeout: 120_000,
  });
  expect([stdout, status], stderr).toEqual(["[true,true,true,true,true]\n", 0]);
});
