/** Scores of an evaluation that runs are compared by. */
import { expect, it } from "vitest";
import { scoresIn } from "../src/comparing/compared.js";

it("are numbers under value, and those of the model's own samples and symbols", () => {
  const evaluation = {
    iteration: 3,
    likelihood: { value: 6.5 },
    cloud: {
      laws: {
        model: { discrepancy: 0.01, coverage: { highQuality: 0.5, covered: 8 } },
        data: { discrepancy: 0 },
      },
      reconstruction: 0.1,
    },
    symbols: { homogeneity: 0.9, information: 1.2 },
    sentences: {
      samples: { model: { wkl: 0.2, valid: { value: 0.8, different: 7 }, rppl: { value: 12 } }, other: { wkl: 3 } },
      bleu: { value: 0.4, exact: 0.1 },
    },
  };
  expect(scoresIn(evaluation)).toEqual({
    likelihood: 6.5,
    discrepancy: 0.01,
    highQuality: 0.5,
    modesCovered: 8,
    reconstructionError: 0.1,
    homogeneity: 0.9,
    mutualInformation: 1.2,
    valid: 0.8,
    differentValid: 7,
    wordDivergence: 0.2,
    rppl: 12,
    bleu: 0.4,
  });
});
