/** What the tests of cases share. */
import { expect } from "vitest";
import type { Case } from "../src/case.js";

const large = new Set(["mnist-iteration", "recovery-iteration", "cyclecoop-iteration", "language-model-scores"]);

/** Cases that take ten seconds or more, which the slow tests run. */
export const isLarge = ({ name }: Case): boolean => large.has(name);

/** Two calls give finite numbers. */
export async function expectFinite({ prepare }: Case): Promise<void> {
  const { call } = await prepare();
  expect(await call()).toSatisfy(Number.isFinite);
  expect(await call()).toSatisfy(Number.isFinite);
}
