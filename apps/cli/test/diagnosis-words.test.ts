/** Diagnoses and problems in words: every kind has a sentence with its numbers. */
import type { ChainDiagnosis, TargetTrouble } from "@ergodic/diagnosis";
import { describe, expect, it } from "vitest";
import { describeDiagnoses } from "../src/diagnosing/describe.js";
import { worded } from "../src/diagnosing/words.js";
import { targetWords } from "../src/targets/words.js";

const moment = (steps: number, energy: number, distance?: number) => ({
  ...{ steps, energy, error: 0.01, sd: 1 },
  ...(distance === undefined ? {} : { distance }),
});

const diagnosis: ChainDiagnosis = {
  description: "the prior of latents",
  verdict: "does not mix",
  troubles: [
    { kind: "rHat", name: "x[1]", value: 1.234, bound: 1.01, chains: 4, affected: 2, followed: 3 },
    { kind: "essTail", name: "energy", value: 20.7, wanted: 400, affected: 1, followed: 3 },
  ],
  memory: { name: "x[1]", time: 75, shortRuns: 2.5, energyTime: 12 },
  equilibrium: { state: "away", deviations: 0.75 },
  drift: "further",
  ...{ learningSteps: 30, discarded: 500, rows: [] },
  shortRun: { short: moment(30, 2, 1.5), long: moment(300, 1.25, 3), curve: [], floor: 0.1, chains: 64 },
  pictures: { stretch: 30, ratio: 0.2 },
  modes: { hopRate: 0.031, visited: [3, 4], counts: [], occupancy: [0.5, 0, 0.25, 0.25] },
};

it("a diagnosis is a paragraph: the verdict, what speaks against the chain, what else was seen", () => {
  expect(describeDiagnoses({ prior: worded(diagnosis) })).toBe(
    [
      "prior: does not mix   (the prior of latents)",
      "! x[1]: R-hat is 1.23, above 1.01: the chains disagree; run longer (2 of 3 numbers, this is the worst)",
      "! energy: tail ESS is 20 of 400 wanted: the tails are uncertain; run longer",
      "  memory: x[1] takes 75 steps to forget, 2.5 times the 30 steps of a short run; the energy 12",
      "  energy 2 ± 0.01 after 30 steps, 1.25 ± 0.01 from step 150 to 300: the short run is not at equilibrium, 0.75 standard deviations away; its samples follow the law after 30 steps, not exp(-E)",
      "  FPD 1.5 after 30 steps, 3 after 300 (floor 0.1): longer chains drift away from the data",
      "  mode: changes in 3.1 % of steps; each chain has seen 3 to 4 of 3",
      "  pictures: 30 steps change a picture by 20 % of the difference between two chains",
    ].join("\n"),
  );
});

describe("what was seen", () => {
  const evidence = (changes: Partial<ChainDiagnosis>) => worded({ ...diagnosis, ...changes }).evidence.join("\n");

  it.each([
    [{ equilibrium: { state: "reached" } }, /the short run ends at equilibrium, as far as the energy tells/],
    [{ equilibrium: { state: "unclear" } }, /the energy stays, which says little of chains that do not mix/],
    [{ equilibrium: { state: "diverges" } }, /longer chains leave the finite numbers/],
    [{ drift: "nearer" }, /longer chains come nearer to the data/],
    [{ drift: "as near" }, /longer chains stay as near to the data/],
  ] as const)("%j", (changes, text) => expect(evidence(changes)).toMatch(text));

  it("of classes says how far their labels can be trusted", () => {
    const classes = {
      hopRate: 0.5,
      visited: [2, 2],
      counts: [],
      occupancy: [1],
      stretch: 30,
      classes: 10,
      agreement: 0.82,
    };
    expect(evidence({ classes })).toMatch(
      /^nearest class mean: changes in 50 % of stretches of 30 steps; each chain has seen 2 of 10\nnearest class means are a coarse label: they are right for 82 % of the test images$/m,
    );
  });

  it("of a chain that diverges is the place", () => {
    const { troubles } = worded({ ...diagnosis, troubles: [{ kind: "diverged", chain: 2, step: 7 }] });
    expect(troubles).toEqual([
      "chain 2 left the finite numbers at step 7: the step is too large, or the energy has no floor",
    ]);
  });
});

const one = { affected: 1, followed: 1 };

it.each<[TargetTrouble, string]>([
  [{ kind: "still", name: "x", ...one }, "x: every draw is equal: the chains do not move"],
  [{ kind: "oneChain" }, "one chain cannot show that it missed a mode; run four or more"],
  [
    { kind: "rHat", name: "x", value: 1.0234, bound: 1.01, chains: 1, ...one },
    "x: R-hat is 1.023, above 1.01: the halves of the chain disagree; run longer",
  ],
  [
    { kind: "estimate", what: "mean", name: "|x|²", value: 5.33, exact: 3, errors: 12.34, affected: 2, followed: 4 },
    "|x|²: the mean is 5.33 where 3 is exact, 12.3 standard errors off: the draws do not follow the target (2 of 4 means, this is the worst)",
  ],
  [
    { kind: "estimate", what: "sd", name: "x", value: 2, exact: 1, errors: 5, ...one },
    "x: the sd is 2 where 1 is exact, 5 standard errors off: the tails are not sampled, or too heavy for so few draws",
  ],
  [
    { kind: "missedModes", missed: 1, of: 4, share: 0.25 },
    "1 of 4 modes, with 25 % of the target, were never visited: temper (--kernel parallel-tempering), from more chains",
  ],
  [
    { kind: "noHop" },
    "no chain ever changed its mode, so the shares of modes only say where chains started: temper (--kernel parallel-tempering), from more chains",
  ],
  [
    { kind: "partialVisits", chains: 1, of: 4 },
    "1 of 4 chains did not see every mode: run longer, or temper (--kernel parallel-tempering), from more chains",
  ],
  [
    { kind: "modeShares", shares: [0.5, 0.5], exact: [0.75, 0.25], chiSquared: 40.4, degreesOfFreedom: 1 },
    "shares of modes are 0.5, 0.5 where 0.75, 0.25 are exact (χ² 40.4 of 1): chains change modes too rarely",
  ],
  [{ kind: "kernel", text: "as the kernel says" }, "as the kernel says"],
])("%j in words", (trouble, text) => expect(targetWords(trouble)).toBe(text));
