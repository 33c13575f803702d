/** Likelihoods in words. */
import type { LikelihoodScores } from "@ergodic/evaluation/likelihood";
import { describe, expect, it } from "vitest";
import { describeLikelihood } from "../src/evaluation/describe-likelihood.js";

const scores = (changes: Partial<NonNullable<LikelihoodScores["likelihood"]>> = {}): LikelihoodScores => ({
  likelihood: {
    value: -28.26,
    standardError: 1.94,
    bitsPerDimension: 6.948,
    samples: 1000,
    effectiveSamples: { median: 38.3, least: 12 },
    doubtful: 0,
    partition: { logPartition: 9.897, standardError: 0.0172, samples: 10_000, effectiveSamples: 2523 },
    test: { description: "digits", count: 40 },
    ...changes,
  },
});

describe("a likelihood", () => {
  it("is shown in nats and bits, with the effective sizes of both estimates", () => {
    expect(describeLikelihood(scores())).toBe(
      [
        "-log p(x)   -28.26 ± 1.94 nats, 6.9480 bits per dimension",
        "  of        40 of digits",
        "  samples   1,000 each, effective 38.3 (median), 12 (least)",
        "log Z       9.897 ± 0.0172, 10,000 samples, effective 2,523",
      ].join("\n"),
    );
    expect(describeLikelihood({})).toBe("");
  });

  it("has both sides where log Z has", () => {
    const partition = { logPartition: 9.9, reverse: 11.2, standardError: 0.02, samples: 1_000, effectiveSamples: 40 };
    const text = describeLikelihood(scores({ above: { value: -26.96, bitsPerDimension: 7.02 }, partition }));
    expect(text).toContain("  or        -26.96 nats, 7.0200 bits per dimension, by the reverse log Z");
    expect(text).toContain("  or        11.200 from the other side");
  });

  it("comes with a warning where both sides are in the wrong order", () => {
    const warned = (reverse: number) =>
      /^note: the two estimates of log Z are in the wrong order/m.test(
        describeLikelihood(scores({ partition: { ...scores().likelihood!.partition, reverse } })),
      );
    expect([9.9, 9.86, 9.7].map(warned)).toEqual([false, false, true]);
  });

  it("comes with a warning where few samples are effective", () => {
    expect(describeLikelihood(scores({ doubtful: 9 }))).toMatch(
      /^note: 9 of 40 examples have fewer than 10 effective samples: -log p\(x\) is likely too high;/m,
    );
    const partition = { logPartition: 1, standardError: 0.7, samples: 100, effectiveSamples: 2 };
    expect(describeLikelihood(scores({ partition }))).toMatch(
      /^note: log Z has 2 effective samples: it is likely too low/m,
    );
    expect(describeLikelihood(scores({ partition: { logPartition: 0, standardError: 0 } }))).toMatch(
      /^log Z +0, known$/m,
    );
  });
});
