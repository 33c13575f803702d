/** The floor of the score, real digits against real digits: 0.98 in the space of 32 components. */
import { mnist } from "@ergodic/data/node";
import { expect, it } from "vitest";
import { frechetInPrincipalSpace, principalComponents } from "../src/index.js";

const pixels = 784;

it("10,000 training digits are 0.98 away from the 10,000 test digits", async () => {
  const train = (await mnist({ split: "train", limit: 20_000 }).load()).all().images;
  const test = (await mnist({ split: "test" }).load()).all().images;
  const space = principalComponents(train, { dimensions: pixels, components: 32 });
  expect(space.variances.reduce((a, b) => a + b, 0) / space.totalVariance).toBeGreaterThan(0.7);
  expect(frechetInPrincipalSpace(space, test, train.subarray(0, 10_000 * pixels))).toBeCloseTo(0.98, 2);
});
