/** Programs whose rows threads share return what they return as a whole. */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { build } from "esbuild";
import ort from "onnxruntime-node";
import { random, tree, type HostKey, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { grad, useEngine } from "../src/index.js";
import type { Executor } from "../src/executor.js";
import type { Graph } from "../src/graph.js";
import { createOnnxExecutor } from "../src/onnx/cpu.js";
import { isRange } from "../src/normal-range.js";
import { onnxExecutor } from "../src/onnx/executor.js";
import { sharingRows } from "../src/onnx/sharing-rows.js";
import { provenEnd } from "../src/onnx/given-arrays.js";
import { runtimeInThread } from "../src/onnx/thread.js";
import { fedWith } from "../src/programs/feeds.js";
import { record } from "../src/recorder/record.js";
import { replayExecutor } from "../src/replay/executor.js";
import { splitByRows } from "../src/rows/split.js";

type Args = [...tf.Tensor[], Key];
type Chain = (...args: never[]) => unknown;

const recorded = (fn: Chain, args: readonly unknown[]) =>
  record(fn, args, { engine: "onnx", supports: () => true, alternatives: [] });

async function results(executor: Executor, fn: Chain, args: Args, runs = 1): Promise<number[][]> {
  const call = recorded(fn, args);
  const program = await executor.load(call.graph);
  try {
    const all = await Promise.all(
      Array.from({ length: runs }, () =>
        fedWith(call)(tree.leaves(args as never), (feeds) => program.run(feeds), program.draws),
      ),
    );
    return all.flat().map((tensor) => [...tensor.dataSync()]);
  } finally {
    await program.dispose();
  }
}

const STEPS = 20;
const rows = 40;

type Slope = (x: tf.Tensor, ...given: tf.Tensor[]) => tf.Tensor;

/** A chain of `STEPS` steps x - slope(x) + noise of `[rows, 6]`. */
const chain =
  (slope: Slope) =>
  (...args: Args): tf.Tensor => {
    const key = args.at(-1) as Key;
    const [start, ...given] = args.slice(0, -1) as [tf.Tensor, ...tf.Tensor[]];
    return random
      .split(key, STEPS)
      .reduce(
        (x: tf.Tensor, child) => tf.add(tf.sub(x, slope(x, ...given)), random.normal(child, x.shape, { sd: 0.1 })),
        start,
      );
  };

/** `STEPS` steps x - slope(x). */
const descent =
  (slope: Slope) =>
  (...args: Args): tf.Tensor => {
    const [start, ...given] = args.slice(0, -1) as [tf.Tensor, ...tf.Tensor[]];
    let x = start;
    for (let i = 0; i < STEPS; i++) x = tf.sub(x, slope(x, ...given));
    return x;
  };

const values = (name: string, shape: number[]): tf.Tensor => random.normal(random.key(name), shape, { sd: 0.3 });
const key = random.key("chain");
const start = () => values("start", [rows, 6]);

const mlp = (x: tf.Tensor, w: tf.Tensor, v: tf.Tensor): tf.Tensor =>
  grad((at: tf.Tensor) =>
    tf.sum(tf.matMul(tf.leakyRelu(tf.matMul(at as tf.Tensor2D, w as tf.Tensor2D), 0.2), v as tf.Tensor2D)),
  )(x);

const matrices = () => [values("w", [6, 5]), values("v", [5, 1])];
/** Class of the number of symbols that a line reads. */
const classes = () =>
  tf.tensor1d(
    Array.from({ length: 2 * rows }, (_, i) => (7 * i) % 3),
    "int32",
  );

const cases: Record<string, () => [Chain, Args]> = {
  "the slope of a network": () => [chain(mlp), [start(), ...matrices(), key]],
  "descent without draws": () => [descent(mlp), [start(), ...matrices(), key]],
  "descent where a matrix has the shape of the positions": () => [
    (w: tf.Tensor, ...rest: Args) => descent((x) => tf.tanh(tf.matMul(x, w)))(...rest),
    [values("square", [rows, rows]), values("wide", [rows, rows]), key],
  ],
  "rows in several lines of a matrix, and behind another axis": () => [
    chain((x, w) => {
      const lines = tf.reshape(x, [2 * rows, 3]);
      const outside = tf.transpose(
        tf.reshape(tf.matMul(lines as tf.Tensor2D, w as tf.Tensor2D), [rows, 2, 3]),
        [1, 0, 2],
      );
      const joined = tf.concat(tf.unstack(tf.softmax(outside)), 1);
      return tf.mul(0.1, tf.add(joined, tf.sum(x, 1, true)));
    }),
    [start(), values("lines", [3, 3]), key],
  ],
  "products of matrices that each row has": () => [
    chain((x, w) => tf.mul(0.1, tf.reshape(tf.matMul(tf.reshape(x, [rows, 1, 6]), w), [rows, 6]))),
    [start(), values("each", [rows, 6, 6]), key],
  ],
  "observations that are computed beforehand": () => [
    chain((x, y) => tf.sub(tf.mul(0.1, x), tf.tile(tf.sub(tf.mul(2, tf.slice(y, [0, 1], [rows, 3])), 1), [1, 2]))),
    [start(), values("observed", [rows, 4]), key],
  ],
  "halves of a batch that are joined": () => [
    chain((x, a, b) => tf.mul(tf.concat([a, b], 0), x)),
    [start(), values("first", [rows / 2, 1]), values("second", [rows / 2, 1]), key],
  ],
  "places of classes, gathered and scattered": () => [
    chain((x, classes) => {
      const lines = tf.reshape(x, [2 * rows, 3]);
      const places = tf.stack([tf.range(0, 2 * rows, 1, "int32"), tf.reshape(classes, [2 * rows])], 1);
      const changed = tf.tensorScatterUpdate(lines, places, tf.mul(0.5, tf.gatherND(lines, places)));
      return tf.mul(0.1, tf.reshape(changed, [rows, 6]));
    }),
    [start(), classes(), key],
  ],
  "a mean over the rows after the chain": () => [
    (...args: Args) => {
      const last = chain(mlp)(...args);
      const loss = (w: tf.Tensor): tf.Tensor => tf.mean(tf.matMul(last as tf.Tensor2D, w as tf.Tensor2D));
      return [last, grad(loss)(args[1] as tf.Tensor), tf.mean(last), args[2]];
    },
    [start(), ...matrices(), key],
  ],
};

/** Steps in which each row reads all others. */
const mixing: Record<string, () => [Chain, Args]> = {
  "the mean of all rows": () => [chain((x) => tf.mul(0.1, tf.sub(x, tf.mean(x, 0, true)))), [start(), key]],
  "a row beside": () => [chain((x) => tf.mul(0.1, tf.reverse(x, 0))), [start(), key]],
  "a product of all rows": () => [
    chain((x) => tf.mul(0.1, tf.matMul(tf.matMul(x, x, false, true), x))),
    [start(), key],
  ],
  "places of other rows": () => [
    chain((x) =>
      tf.mul(
        0.1,
        tf.gather(
          x,
          tf.tensor1d(
            Array.from({ length: rows }, (_, i) => (3 * i) % rows),
            "int32",
          ),
        ),
      ),
    ),
    [start(), key],
  ],
};

/** Whole programs of an executor, and shared ones, with a thread for every part. */
const shared = (whole: Executor, most: number, others: Executor = whole): Executor =>
  sharingRows(whole, {
    most,
    leastWork: 0,
    start: async (count) => [...new Array<Executor>(count - 1).fill(others), whole],
  });

const session = { intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
const runtimes = [ort, runtimeInThread(ort, 0)] as const;
const [onnx, inThread] = runtimes.map((runtime) => onnxExecutor(runtime, { session, structured: true })) as [
  Executor,
  Executor,
];
/** The same, with results that the runtime writes to given arrays. */
const [intoGiven, intoGivenInThread] = (await Promise.all(
  runtimes.map(async (runtime) =>
    onnxExecutor(runtime, {
      ...{ session, structured: true, inThread: runtime !== ort },
      end: await provenEnd(runtime, session),
    }),
  ),
)) as [Executor, Executor];

const splitOf = (graph: Graph) => splitByRows(graph, 0);

beforeAll(() => useEngine("onnx"));

describe("a program that is split by rows", () => {
  it.each(Object.keys(cases))("returns the same bits on the plain backend: %s", async (name) => {
    const [fn, args] = cases[name]!();
    const whole = replayExecutor("cpu");
    expect(splitOf(recorded(fn, args).graph)).toBeDefined();
    const expected = await results(whole, fn, args);
    for (const most of [2, 16]) expect(await results(shared(whole, most), fn, args)).toEqual(expected);
  });

  it.each(Object.keys(cases))(
    "returns the same bits with threads of ONNX Runtime, also in two runs at once: %s",
    async (name) => {
      const [fn, args] = cases[name]!();
      const expected = await results(onnx, fn, args);
      for (const executor of [shared(onnx, 2, inThread), shared(intoGiven, 2, intoGivenInThread)])
        expect(await results(executor, fn, args, 2)).toEqual([...expected, ...expected]);
    },
  );

  it("begins its parts anywhere where each entry is rounded once, and elsewhere where vectors begin", () => {
    const stepOf = (name: string) => splitOf(recorded(...cases[name]!()).graph)!.step;
    expect(stepOf("the slope of a network")).toBe(1);
    expect(stepOf("rows in several lines of a matrix, and behind another axis")).toBe(16);
    expect(stepOf("descent where a matrix has the shape of the positions")).toBe(16);
  });

  it.each([33, 51, 67, 100])("returns the same bits in three parts of %d rows", async (count) => {
    const args: Args = [values("odd", [count, 7]), values("wide", [7, 19]), values("deep", [19, 1]), key];
    const expected = await results(onnx, chain(mlp), args);
    expect(await results(shared(intoGiven, 3, intoGivenInThread), chain(mlp), args)).toEqual(expected);
  });

  it("reads the feeds of each run, into the arrays of earlier runs", async () => {
    const call = recorded(...cases["a mean over the rows after the chain"]!());
    const [whole, parts] = await Promise.all(
      [onnx, shared(intoGiven, 2, intoGivenInThread)].map((executor) => executor.load(call.graph)),
    );
    for (const name of ["first", "second", "third"]) {
      const args = [values(name, [rows, 6]), ...matrices(), random.key(name)];
      const run = async (program: typeof whole) =>
        (await fedWith(call)(tree.leaves(args as never), (feeds) => program!.run(feeds), program!.draws)).map((x) => [
          ...x.dataSync(),
        ]);
      expect(await run(parts)).toEqual(await run(whole));
    }
    await Promise.all([whole!.dispose(), parts!.dispose()]);
  });

  it("draws rows where they are computed, unless these are equal", async () => {
    const wide = [values("wide", [rows, 100]), values("matrix", [100, 100])] as const;
    const pull = (x: tf.Tensor, w: tf.Tensor) => tf.mul(0.1, tf.tanh(tf.matMul(x, w)));
    const call = recorded(chain(pull), [...wide, key]);
    const executors = [onnx, shared(onnx, 2, inThread), shared(intoGiven, 3, intoGivenInThread)];
    const [whole, ...others] = await Promise.all(executors.map((executor) => executor.load(call.graph)));
    const draws = call.graph.inputs.flatMap(({ source }, i) => (source.kind === "random" ? [i] : []));
    expect(draws).toHaveLength(STEPS);
    expect([whole!.draws, ...others.map((program) => [...program.draws!])]).toEqual([undefined, draws, draws]);
    for (const at of [random.key("first"), random.key("second"), random.equalRows(random.key("third"))]) {
      const run = async (program: typeof whole) => {
        let drawn = 0;
        const [result] = await fedWith(call)(
          [...wide, at],
          (feeds) => {
            drawn = feeds.filter((feed) => !(feed instanceof tf.Tensor) && isRange(feed)).length;
            return program!.run(feeds);
          },
          program!.draws,
        );
        return { drawn, numbers: [...result!.dataSync()] };
      };
      const { numbers } = await run(whole);
      const drawn = (at as HostKey).equalRows ? 0 : STEPS;
      for (const program of others) expect(await run(program)).toEqual({ drawn, numbers });
    }
    await Promise.all([whole, ...others].map((program) => program!.dispose()));
  });

  it.each(Object.keys(mixing))("is not a program whose steps read several rows: %s", (name) => {
    expect(splitOf(recorded(...mixing[name]!()).graph)).toBeUndefined();
  });

  it("computes its first part by rows alone", () => {
    const { graph } = recorded(...cases["the slope of a network"]!());
    const split = splitOf(graph)!;
    expect(split.rest).toBeUndefined();
    expect(split.part({ from: 16, to: 21 }).outputs).toEqual(graph.outputs);
    expect(split.handed[0]!.value.shape).toEqual([rows, 6]);
  });

  it("hands over nothing that takes longer than computing it", () => {
    const both = (...args: Args): tf.Tensor[] => [
      chain(mlp)(...args),
      tf.neg(random.normal(random.fold(args.at(-1) as Key, 1), [rows, 1000])),
    ];
    const args: Args = [start(), ...matrices(), key];
    const split = splitOf(recorded(both as Chain, args).graph)!;
    expect(split.handed.map(({ value }) => value.shape)).toEqual([[rows, 6]]);
    expect(split.rest!.outputs).toHaveLength(2);
  });

  it("is not split below the work that is asked for", () => {
    const { graph } = recorded(...cases["the slope of a network"]!());
    expect(splitByRows(graph, 1e6)).toBeUndefined();
  });
});

describe("the engine", () => {
  it("returns the same bits for every number of threads", async () => {
    const args: Args = [values("start", [100, 6]), ...matrices(), key];
    const repeated = (x: tf.Tensor, w: tf.Tensor, v: tf.Tensor, k: Key): tf.Tensor[] => {
      const last = random.split(k, 6).reduce((at: tf.Tensor, child) => chain(mlp)(at, w, v, child), x);
      return [last, grad((at: tf.Tensor) => tf.mean(tf.square(tf.matMul(last, at))))(w)];
    };
    expect(splitByRows(recorded(repeated as Chain, args).graph, 1e6)).toBeDefined();
    const all = await Promise.all([1, 2, 5].map((threads) => createOnnxExecutor(ort, threads)));
    const [one, ...others] = await Promise.all(all.map(({ executor }) => results(executor, repeated as Chain, args)));
    for (const other of others) expect(other).toEqual(one);
  });
});

describe("a thread of ONNX Runtime", () => {
  it("reports a failure in its rows as that of the kernel", async () => {
    const executors = [shared(onnx, 2, inThread), shared(intoGiven, 2, intoGivenInThread)];
    const table = values("table", [3, 6]);
    const read = chain((x, y) =>
      tf.mul(0.1, tf.add(x, tf.gather(table, tf.cast(tf.reshape(tf.slice(y, [0, 0], [rows, 1]), [rows]), "int32")))),
    );
    const wrong = (row: number) => tf.tensor2d(Array.from({ length: rows }, (_, i) => [i === row ? 99 : 1]));
    for (const executor of executors) {
      for (const row of [3, rows - 3]) {
        await expect(results(executor, read, [start(), wrong(row), key])).rejects.toThrow(/kernel GatherV2 that makes/);
      }
      await expect(results(executor, read, [start(), wrong(-1), key])).resolves.toHaveLength(1);
    }
  });

  it("runs in a minified bundle that keeps names", async () => {
    const from = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
    const code = `
      import "@tensorflow/tfjs-backend-cpu";
      import ort from "onnxruntime-node";
      import { onnxExecutor, proveProvider } from ${from("../src/onnx/executor.ts")};
      import { runtimeInThread } from ${from("../src/onnx/thread.ts")};
      await proveProvider(onnxExecutor(runtimeInThread(ort, 0), { session: {} }));
      console.log("proven");`;
    const outfile = fileURLToPath(new URL(`../node_modules/bundled-thread-${process.pid}.mjs`, import.meta.url));
    try {
      await build({
        stdin: { contents: code, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
        tsconfig: fileURLToPath(new URL("../../../tsconfig.base.json", import.meta.url)),
        ...{ bundle: true, minify: true, keepNames: true, platform: "node", format: "esm", outfile },
        external: ["onnxruntime-node", "@tensorflow/*"],
      });
      const { stdout, stderr } = spawnSync(process.execPath, [outfile], { encoding: "utf8", timeout: 120_000 });
      expect(stdout, stderr).toBe("proven\n");
    } finally {
      rmSync(outfile, { force: true });
    }
  });
});
