/** What the tests of cases share. */
import { expect } from "vitest";
import type { Case } from "../src/case.js";

const small = new Set([
  ...["latent-chain", "conv-gradient", "residual-gradient", "recovery-gradient", "learning-iteration"],
  ...["lstm-gradients", "gru-gradients", "language-model", "flow-round-trip", "random-normals", "small-call"],
]);

/** Cases that take several seconds, which the slow tests run. */
export const isLarge = ({ name }: Case): boolean => !small.has(name);

/** Two calls give finite numbers. */
export async function expectFinite({ prepare }: Case): Promise<void> {
  const { call } = await prepare();
  expect(await call()).toSatisfy(Number.isFinite);
  expect(await call()).toSatisfy(Number.isFinite);
}
