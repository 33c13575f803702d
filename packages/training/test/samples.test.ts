/** Samples of every kind, from a learner through the loop to files and the report. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import { train } from "../src/entries/node.js";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { defineExperiment, readSamples, resolveConfig, samplesOf, type Learner, type Shown } from "../src/index.js";

beforeAll(() => useEngine("cpu"));

const words = ["the", "dog", "<sees>", "you"];
const textOf = (tokens: readonly number[]): string => tokens.map((token) => words[token]).join(" ");

/** The samples of a learner and how they are shown: `n` examples of one shape and one value. */
interface Kind {
  readonly name: string;
  readonly make: (n: number) => TensorTree;
  readonly show?: (observations: TensorTree) => Shown;
  readonly extension: "png" | "txt";
}

const kinds: readonly Kind[] = [
  { name: "images", make: (n) => tf.zeros([n, 2, 3, 1]), extension: "png" },
  { name: "points", make: (n) => tf.ones([n, 2]), extension: "png" },
  { name: "points of three dimensions", make: (n) => tf.ones([n, 3]), extension: "png" },
  { name: "sequences of images", make: (n) => tf.zeros([n, 4, 2, 2, 3]), extension: "png" },
  {
    name: "text",
    make: (n) => ({ tokens: tf.tile(tf.tensor2d([[0, 1, 2, 3]], [1, 4], "int32"), [n, 1]), weight: tf.ones([n, 4]) }),
    show: (x) => ({ kind: "text", values: (x as { tokens: tf.Tensor }).tokens, textOf }),
    extension: "txt",
  },
];

/** A learner without learning that returns the given samples. */
const learner = ({ make, show }: Kind): Learner<{ params: tf.Tensor }, tf.Tensor> => ({
  init: () => Promise.resolve({ params: tf.scalar(0) }),
  update: (state) => Promise.resolve({ state: { params: tf.add(state.params, 1) }, metrics: { loss: 1 } }),
  sample: (_, __, n) => Promise.resolve(tf.tidy(() => make(n) as never)),
  reconstruct: (_, batch) =>
    Promise.resolve(
      tf.tidy(() => ({ original: make(batch.shape[0]!) as never, reconstruction: make(batch.shape[0]!) as never })),
    ),
  ...(show && { show }),
});

const data = {
  load: () =>
    Promise.resolve({
      description: "eight numbers",
      size: 8,
      batches: ({ batchSize }: { batchSize: number }) => ({ perEpoch: 1, at: () => tf.zeros([batchSize]) }),
    }),
};

describe.each(kinds)("$name", (kind) => {
  const run = async (): Promise<string> => {
    const folder = join(await mkdtemp(join(tmpdir(), "ergodic-samples-")), "run");
    onTestFinished(() => rm(join(folder, ".."), { recursive: true, force: true }));
    const experiment = defineExperiment({
      ...{ name: kind.name, data, model: () => learner(kind) },
      training: { iterations: 2, batchSize: 2, sampleEvery: 1, sampleCount: 3, logEvery: 1 },
    });
    await train({ experiment, config: resolveConfig(experiment), folder });
    return folder;
  };

  it("become files and the report of a run, and leave no tensor behind", async () => {
    await run();
    const before = tf.memory().numTensors;
    const folder = await run();
    expect(tf.memory().numTensors).toBe(before);
    const names = (await readdir(join(folder, "samples"))).sort();
    const expected = ["0000001", "0000002", "reconstruction-0000001", "reconstruction-0000002"];
    expect(names).toEqual(expected.map((name) => `${name}.${kind.extension}`));
    const report = await readFile(join(folder, "report.html"), "utf8");
    const pictures = report.match(/data:image\/png;base64/g)?.length ?? 0;
    const excerpts = report.match(/<pre>/g)?.length ?? 0;
    // Samples of two iterations, and the last reconstruction.
    expect([pictures, excerpts]).toEqual(kind.extension === "png" ? [3, 0] : [0, 3]);
    if (kind.extension === "png") return;
    expect(await readFile(join(folder, "samples", "0000002.txt"), "utf8")).toBe("the dog <sees> you\n".repeat(3));
    expect(report).toContain("<pre>the dog &lt;sees&gt; you\nthe dog");
    expect(report).toContain("data   the dog &lt;sees&gt; you\nmodel  the dog");
  });
});

describe("what observations show", () => {
  it("follows from the rank of a tensor", () => {
    const kindOf = (...shape: number[]) => samplesOf(tf.zeros(shape), undefined).kind;
    expect([kindOf(1, 2), kindOf(1, 2, 3, 1), kindOf(1, 2, 3, 4, 1)]).toEqual(["points", "images", "sequences"]);
  });

  it("is refused where it is not known", () => {
    expect(() => samplesOf(tf.zeros([2, 3, 4]), undefined)).toThrow(ValidationError);
    expect(() => samplesOf({ tokens: tf.zeros([1]), weight: tf.zeros([1]) }, undefined)).toThrow(
      /a tree of tokens, weight; expected images .* Give the learner show\(observations\)/,
    );
  });

  it("may be made anew, and is freed then; observations are kept", async () => {
    const x = tf.tensor2d([[0, 1]]);
    const before = tf.memory().numTensors;
    const host = await readSamples(x, (bits) => tf.sub(tf.mul(2, bits as tf.Tensor), 1));
    expect(host).toEqual({ kind: "points", values: Float32Array.of(-1, 1), shape: [1, 2] });
    const tokens = tf.tensor2d(
      [
        [3, 1],
        [0, 2],
      ],
      [2, 2],
      "int32",
    );
    expect(await readSamples(tokens, (values) => ({ kind: "text", values: values as tf.Tensor, textOf }))).toEqual({
      ...{ kind: "text", texts: ["you dog", "the <sees>"] },
    });
    expect(tf.memory().numTensors).toBe(before + 1);
    tree.dispose([x, tokens]);
  });
});
