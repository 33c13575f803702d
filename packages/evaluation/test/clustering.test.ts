import { describe, expect, it } from "vitest";
import { clusteringScores } from "../src/index.js";
import { uniforms } from "./fixtures.js";

describe("clusteringScores", () => {
  // from sklearn.metrics import *; a = [0,0,1,1,2,2,2,0]; b = [1,1,0,0,0,2,2,2]
  // print(mutual_info_score(a, b), normalized_mutual_info_score(a, b))
  // print(homogeneity_score(a, b), completeness_score(a, b))
  it("matches values worked out from the definitions", () => {
    const [a, b] = [
      [0, 0, 1, 1, 2, 2, 2, 0],
      [1, 1, 0, 0, 0, 2, 2, 2],
    ];
    const entropy = -2 * (3 / 8) * Math.log(3 / 8) - (2 / 8) * Math.log(2 / 8);
    const joint = -3 * (2 / 8) * Math.log(2 / 8) - 2 * (1 / 8) * Math.log(1 / 8);
    const scores = clusteringScores(a, b);
    expect(scores.mutualInformation).toBeCloseTo(2 * entropy - joint, 12);
    expect(scores.homogeneity).toBeCloseTo((2 * entropy - joint) / entropy, 12);
    expect(scores.normalisedMutualInformation).toBeCloseTo((2 * entropy - joint) / entropy, 12);
  });

  // The same functions on these 200 labels.
  it("matches scikit-learn on noisy labels", () => {
    const classes = uniforms(31, 200).map((u) => Math.floor(4 * u));
    const strays = uniforms(33, 200).map((u) => Math.floor(6 * u));
    const clusters = uniforms(32, 200).map((u, i) => (u < 0.6 ? classes[i]! : strays[i]!));
    const scores = clusteringScores(classes, clusters);
    expect(scores.mutualInformation).toBeCloseTo(0.59138328339, 11);
    expect(scores.normalisedMutualInformation).toBeCloseTo(0.38315486856, 11);
    expect(scores.homogeneity).toBeCloseTo(0.428751186866, 11);
    expect(scores.completeness).toBeCloseTo(0.346324377925, 11);
  });

  it("does not mind names; splitting a class keeps homogeneity and costs completeness", () => {
    expect(clusteringScores([0, 0, 1, 1], [7, 7, 3, 3])).toMatchObject({ homogeneity: 1, completeness: 1 });
    const split = clusteringScores([0, 0, 1, 1], [0, 1, 2, 3]);
    expect(split.homogeneity).toBeCloseTo(1, 12);
    expect(split.completeness).toBeCloseTo(0.5, 12);
    expect(split.mutualInformation).toBeCloseTo(Math.LN2, 12);
    expect(split.normalisedMutualInformation).toBeCloseTo(2 / 3, 12);
  });

  it("is zero for independent groups, and refuses unequal lengths", () => {
    expect(clusteringScores([0, 0, 1, 1], [0, 1, 0, 1]).normalisedMutualInformation).toBeCloseTo(0, 12);
    expect(() => clusteringScores([0], [0, 1])).toThrow(/1 classes and 2 clusters/);
  });
});
