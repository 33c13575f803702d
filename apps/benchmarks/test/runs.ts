/** What the tests of cases share. */
import { expect } from "vitest";
import type { Case } from "../src/case.js";

/** Cases that take ten seconds, which the slow tests run. */
export const isLarge = ({ name }: Case): boolean => name === "mnist-iteration";

/** Two calls give finite numbers. */
export async function expectFinite({ prepare }: Case): Promise<void> {
  const { call } = await prepare();
  expect(await call()).toSatisfy(Number.isFinite);
  expect(await call()).toSatisfy(Number.isFinite);
}
