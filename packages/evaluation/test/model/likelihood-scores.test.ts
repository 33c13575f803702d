/** Likelihoods of held-out examples, from weights that are known. */
import type { MarginalLikelihood } from "@ergodic/training";
import { random } from "@ergodic/tensor";
import { describe, expect, it } from "vitest";
import { likelihoodScores } from "../../src/entries/likelihood.js";

const log = Math.log;

/** 50 examples without tensors: an example is its number in the order of the batches. */
const test = (images?: { imageShape: readonly number[]; scale: readonly [number, number] }) => ({
  description: "numbers",
  size: 50,
  batches: ({ batchSize }: { batchSize: number }) => ({
    perEpoch: Math.ceil(50 / batchSize),
    at: (i: number) => Array.from({ length: batchSize }, (_, k) => i * batchSize + k),
  }),
  ...images,
});

/** Two weights for each example with the mean 2: equal ones, and for example 30 one alone. */
const known = (discrete: boolean): MarginalLikelihood<string, unknown> => ({
  discrete,
  partition: (state) =>
    Promise.resolve({
      logPartition: state === "trained" ? log(4) : NaN,
      standardError: 0.5,
      samples: 9,
      effectiveSamples: 3,
    }),
  logWeights: (_, batch, __, samples) =>
    Promise.resolve(
      Float64Array.from(
        (batch as number[]).flatMap((i) => (i === 30 ? [log(2 * samples), -Infinity] : [log(2), log(2)])),
      ),
    ),
});
const scored = async (likelihood: MarginalLikelihood<string, unknown> | undefined, data = test(), n = 45) =>
  likelihoodScores({ likelihood, state: "trained", test: data, n, samples: 2, key: random.key(0) });

describe("the likelihood of examples", () => {
  it("is the log of the mean weight minus log Z, with effective sizes and doubts", async () => {
    const { likelihood } = await scored(known(false));
    // log p = log(2/4) for all of them, so the error is that of log Z alone.
    expect(likelihood!.value).toBeCloseTo(log(2), 12);
    expect(likelihood!.standardError).toBeCloseTo(0.5, 12);
    expect(likelihood).toMatchObject({
      samples: 2,
      effectiveSamples: { median: 2, least: 1 },
      doubtful: 45,
      partition: { effectiveSamples: 3 },
      test: { description: "numbers", count: 45 },
    });
    expect(likelihood).not.toHaveProperty("bitsPerDimension");
  });

  it("has nats per word for sentences, beside the entropy of the data", async () => {
    const { likelihood } = await likelihoodScores({
      ...{ likelihood: known(true), state: "trained", test: test(), n: 45, samples: 2, key: random.key(0) },
      ...{ wordsIn: (batch: unknown) => Promise.resolve((batch as number[]).map(() => 4)), entropy: 0.5 },
    });
    expect(likelihood!.perWord!.words).toBe(45 * 4);
    expect(likelihood!.perWord!.nats).toBeCloseTo(log(2) / 4, 12);
    expect(likelihood!.entropy).toBe(0.5);
  });

  it("has bits per dimension for images: of densities in their scale, of probabilities as they are", async () => {
    const images = test({ imageShape: [2, 2, 1], scale: [0, 1] });
    expect((await scored(known(false), images)).likelihood!.bitsPerDimension).toBeCloseTo(8 + 1 / 4, 12);
    expect((await scored(known(true), images)).likelihood!.bitsPerDimension).toBeCloseTo(1 / 4, 12);
  });

  it("is of all examples where there are fewer than asked for", async () => {
    expect((await scored(known(false), test(), 500)).likelihood!.test.count).toBe(50);
  });

  it("is refused for models without one, and weights of another number", async () => {
    await expect(scored(undefined)).rejects.toThrow(/the model has no likelihood/);
    const short = { ...known(false), logWeights: () => Promise.resolve(new Float64Array(3)) };
    await expect(scored(short)).rejects.toThrow(/returned 3 numbers, expected 40/);
  });
});
