/**
 * The errors of every kernel, and of everything that runs one, for invalid input.
 *
 * Each kernel is a row of `kernels.ts`, each runner an entry below. All errors are ValidationErrors
 * with the given and the expected value, thrown before the first draw.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, ValidationError, type Key } from "@ergodic/tensor";
import {
  contrastiveRun,
  hmc,
  replayBuffer,
  runChain,
  runSteps,
  sample,
  shortRun,
  warmUp,
  type Energy,
  type HamiltonianKernel,
  type Kernel,
} from "@ergodic/samplers";
import { annealedImportance, importanceSampling } from "@ergodic/samplers/annealing";
import { summarizeWhileSampling } from "@ergodic/samplers/streaming";
import { parallelTempering, warmUpTempering } from "@ergodic/samplers/tempering";
import { rows, type Pair, type Row } from "./kernels.js";

const key = random.key("bad input");
const chains = 4;
const energy: Energy<Pair> = ({ a, b }) => tf.add(tf.sum(tf.square(a), [1]), tf.sum(tf.square(b), [1, 2]));
const startOf = (n: number, k: Key = key): Pair => ({
  a: random.normal(random.fold(k, 0), [n, 1]),
  b: random.normal(random.fold(k, 1), [n, 2, 1]),
});

type Made = ReturnType<Row["make"]>;
type Way = readonly [name: string, run: (kernel: Made, initial: Pair) => unknown];

const isPure = (kernel: Made): kernel is Kernel<Pair> => !("open" in kernel);
const pure = (run: (kernel: Kernel<Pair>, initial: Pair) => unknown) => run as Way[1];

const always: readonly Way[] = [
  ["sample", (kernel, initial) => sample(kernel, { initial, draws: 1, key })],
  ["summarizeWhileSampling", (kernel, initial) => summarizeWhileSampling(kernel, { initial, draws: 16, key })],
];
const ofTunable: readonly Way[] = [
  ["warmUp", (kernel, initial) => warmUp(kernel as HamiltonianKernel<Pair>, initial, { steps: 1, key })],
];
const ofPure: readonly Way[] = [
  ["runChain", pure((kernel, initial) => runChain(kernel, { initial, steps: 1, key }))],
  ["runSteps", pure((kernel, initial) => runSteps(kernel, initial, { steps: 1, key }))],
  ["shortRun", pure((kernel, initial) => shortRun(kernel, { start: () => initial, chains, steps: 1, key }))],
  ["contrastiveRun", pure((kernel, initial) => contrastiveRun(kernel, initial, { steps: 1, key }))],
  [
    "replayBuffer",
    pure((kernel, initial) => {
      const buffer = replayBuffer<Pair>({ size: chains, start: () => initial });
      return buffer.update(buffer.init(key), kernel, { chains, steps: 1, key });
    }),
  ],
];

/** Everything that can run the kernel of a row. */
function waysOf({ make }: Row): readonly (readonly [string, (of: Energy<Pair>, initial?: Pair) => Promise<unknown>])[] {
  const made = make(energy, 0.3);
  const ways = [...always, ...("probe" in made ? ofTunable : []), ...(isPure(made) ? ofPure : [])];
  return ways.map(([name, run]) => [name, async (of, initial = startOf(chains)) => run(make(of, 0.3), initial)]);
}

/** Wrong shapes for energies of n positions. None equals `[n]` for any n. */
const wrongShapes = (n: number): readonly (readonly number[])[] => [
  [],
  [n, 1],
  [1, n],
  [n + 1],
  [2 * n],
  [n, 2, 1],
  [0],
];

beforeAll(async () => {
  await useEngine("cpu");
});

describe.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
  it("takes functions and positive step sizes", () => {
    for (const size of row.local === false ? [] : [0, -1, NaN, Infinity]) {
      expect(() => row.make(energy, size)).toThrow(new RegExp(`(stepSize|learningRate).* is ${size}`));
    }
    for (const none of [undefined, null, 3, tf.zeros([chains])]) {
      expect(() => row.make(none as unknown as Energy<Pair>, 0.3)).toThrow(/energy is .*, expected a function/);
    }
  });

  it.each(waysOf(row))("%s refuses energies that are not one number for each chain", async (__, run) => {
    for (const shape of wrongShapes(chains)) {
      const wrong: Energy<Pair> = ({ a }) => tf.add(tf.sum(a), tf.zeros([...shape]));
      const message = new RegExp(
        `energy has shape \\[${shape.join()}\\], expected \\[${chains}\\]; one number per example`,
      );
      await expect(run(wrong)).rejects.toThrow(message);
      await expect(run(wrong)).rejects.toThrow(ValidationError);
    }
    await expect(run(() => 3 as unknown as tf.Tensor)).rejects.toThrow(/energy returned number, expected a tensor/);
  });

  it.each(waysOf(row))(
    "%s refuses positions whose leaves disagree in the number of chains, or have none",
    async (__, run) => {
      const ragged = { a: tf.zeros([4, 1]), b: tf.zeros([3, 2, 1]) };
      await expect(run(energy, ragged)).rejects.toThrow(/\[4,1\], \[3,2,1\].*same first axis/);
      await expect(run(energy, { a: tf.scalar(1), b: tf.scalar(1) })).rejects.toThrow(/\[\], \[\].*number of chains/);
    },
  );

  it.each(waysOf(row))("%s refuses positions without chains or without numbers", async (__, run) => {
    for (const [shapes, message] of [
      [
        [
          [0, 1],
          [0, 2, 1],
        ],
        /no chains, expected at least one/,
      ],
      [
        [
          [chains, 0],
          [chains, 2, 0],
        ],
        /shape \[4,0\], expected at least one number/,
      ],
      [
        [
          [chains, 1],
          [chains, 0, 1],
        ],
        /shape \[4,0,1\], expected at least one number/,
      ],
    ] as const) {
      const empty = { a: tf.zeros([...shapes[0]]), b: tf.zeros([...shapes[1]]) };
      await expect(run(energy, empty)).rejects.toThrow(message);
      await expect(run(energy, empty)).rejects.toThrow(ValidationError);
    }
  });

  it.each(waysOf(row))("%s names positions that are not float32, and the remedy", async (__, run) => {
    for (const dtype of ["int32", "bool"] as const) {
      const { a, b } = startOf(chains);
      const message = new RegExp(`\\(b\\) is of type ${dtype}, expected float32.*start from tf.cast\\(x, "float32"\\)`);
      await expect(run(energy, { a, b: tf.cast(b, dtype) })).rejects.toThrow(message);
    }
  });

  const starters = isPure(row.make(energy, 0.3)) ? (["runChain", "sample"] as const) : (["sample"] as const);
  it.each(starters)("%s starts only where position, energy and gradient are finite", async (starter) => {
    const run = (of: Energy<Pair>, initial: Pair) => {
      const kernel = row.make(of, 0.3);
      return starter === "runChain" && isPure(kernel)
        ? runChain(kernel, { initial, steps: 1, key })
        : sample(kernel, { initial, draws: 1, key });
    };
    const first = (...values: number[]): Pair => ({ a: tf.tensor2d(values, [4, 1]), b: tf.zeros([4, 2, 1]) });
    for (const bad of [NaN, Infinity, -Infinity]) {
      await expect(run(energy, first(0, 1, bad, 0))).rejects.toThrow(/is (NaN|-?Infinity) where chain 2 starts/);
    }
    const logarithm: Energy<Pair> = ({ a }) => tf.log(tf.squeeze(a, [1]));
    await expect(run(logarithm, first(1, -1, 1, 1))).rejects.toThrow(/energy is NaN where chain 1 starts/);
    await expect(run(logarithm, first(1, 1, 1, 0))).rejects.toThrow(/energy is -Infinity where chain 3 starts/);
    if (row.local === false) return;
    // √|a| is finite at 0, but its slope is not.
    const cusp: Energy<Pair> = ({ a }) => tf.sqrt(tf.squeeze(a, [1]));
    await expect(run(cusp, first(1, 1, 0, 1))).rejects.toThrow(/gradient.* is (NaN|Infinity) where chain 2 starts/);
  });
});

describe("kernels that others make for an energy of theirs", () => {
  const end = { energy, sample: (k: Key, n: number) => startOf(n, k) };
  const adjusted = (stepSize: number) => (of: Energy<Pair>) => hmc<Pair>({ energy: of, steps: 2, stepSize });

  it.each([0, -1, NaN])("a step size of %f is refused before anything moves", async (stepSize) => {
    const message = `stepSize is ${stepSize}`;
    const kernel = adjusted(stepSize);
    await expect(annealedImportance({ from: end, to: { energy }, kernel, betas: [0, 1], chains, key })).rejects.toThrow(
      message,
    );
    const tempered = parallelTempering<Pair>({ energy, kernel, betas: [1, 0.5] });
    await expect(sample(tempered, { initial: startOf(chains), draws: 1, key })).rejects.toThrow(message);
  });

  it("tempering refuses positions without chains or without numbers", async () => {
    const kernel = parallelTempering<Pair>({ energy, kernel: adjusted(0.1), betas: [1, 0.5] });
    for (const [initial, message] of [
      [startOf(0), /no chains/],
      [{ a: tf.zeros([chains, 0]), b: tf.zeros([chains, 0]) }, /shape \[4,0\]/],
    ] as const) {
      await expect(sample(kernel, { initial, draws: 1, key })).rejects.toThrow(message);
      await expect(warmUpTempering(kernel, initial, { steps: 2, key })).rejects.toThrow(message);
    }
  });

  it("annealing and weights refuse references whose draws hold no numbers", async () => {
    const empty = { energy, sample: (_: Key, n: number): Pair => ({ a: tf.zeros([n, 0]), b: tf.zeros([n, 2, 0]) }) };
    const ends = { from: empty, to: { energy }, key };
    const message = /shape \[4,0\], expected at least one number/;
    await expect(annealedImportance({ ...ends, kernel: adjusted(0.1), betas: [0, 1], chains })).rejects.toThrow(
      message,
    );
    await expect(importanceSampling({ ...ends, draws: chains })).rejects.toThrow(message);
  });

  it("annealing and weights refuse ends of the wrong shape, and draws where an end is not a number", async () => {
    const kernel = adjusted(0.1);
    const run = (of: Energy<Pair>) =>
      annealedImportance({ from: end, to: { energy: of }, kernel, betas: [0, 1], chains, key });
    const weigh = (of: Energy<Pair>) => importanceSampling({ from: end, to: { energy: of }, draws: chains, key });
    for (const way of [run, weigh]) {
      for (const shape of wrongShapes(chains)) {
        const wrong: Energy<Pair> = ({ a }) => tf.add(tf.sum(a), tf.zeros([...shape]));
        await expect(way(wrong)).rejects.toThrow(`energy has shape [${shape.join()}], expected [${chains}]`);
      }
      const undefinedAt = way(({ a }) => tf.mul(NaN, tf.sum(a, [1])));
      await expect(undefinedAt).rejects.toThrow(/draw 0 .*NaN/);
    }
  });
});
