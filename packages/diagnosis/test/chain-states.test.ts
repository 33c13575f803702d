/** What chains show along their way. */
import { useEngine } from "@ergodic/engine";
import { random, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { chainStates } from "../src/chain-states.js";
import { autoregression } from "./support.js";

beforeAll(() => useEngine("onnx"));

const rowsOf = (states: TensorTree, shape: [number, number]): number[][] =>
  tf.tidy(() => (tf.reshape(states as tf.Tensor, shape) as tf.Tensor2D).arraySync());
const observe = (x: ChainPosition) => tf.mul(10, x as tf.Tensor);

it("are the states at even steps from the start, chain after chain, with their mean energy", async () => {
  // From 100 the mean after k steps is 100 a^k, with a variance below 1.
  const chain = autoregression(0.9, 100, {
    observe,
    tilt: (x) => tf.squeeze(x as tf.Tensor, [1]),
  });
  const count = tf.memory().numTensors;
  const found = await chainStates(chain, { n: 50, steps: 20, states: 5, key: random.key(0) });
  expect(found.moments).toEqual([0, 5, 10, 15, 20]);
  const rows = rowsOf(found.observations, [50, 5]);
  found.moments.forEach((k, i) => {
    const mean = rows.reduce((sum, row) => sum + row[i]! / 500, 0);
    // Six standard errors of 50 chains.
    expect(Math.abs(mean - 100 * 0.9 ** k)).toBeLessThan(k === 0 ? 1e-3 : 6 / Math.sqrt(50));
    const energy = rows.reduce((sum, row) => sum + (row[i]! / 10) ** 2 / 100, 0);
    expect(found.energies[i]! / energy).toBeCloseTo(1, 3);
    expect(found.tilts![i]! / mean).toBeCloseTo(1, 3);
  });
  // Each row is one chain, which is the same when it is observed at every step.
  const again = await chainStates(chain, { n: 50, steps: 20, states: 21, key: random.key(0) });
  const fine = rowsOf(again.observations, [50, 21]);
  rows.forEach((row, c) => row.forEach((value, i) => expect(fine[c]![5 * i]).toBeCloseTo(value, 3)));
  tf.dispose([found.observations, again.observations] as tf.Tensor[]);
  expect(tf.memory().numTensors).toBe(count);
});

it("are refused for counts that do not fit, and for chains that show nothing", async () => {
  const key = random.key(0);
  const shown = autoregression(0.5, 0, { observe });
  await expect(chainStates(shown, { n: 0, steps: 4, states: 2, key })).rejects.toThrow(/^n is 0/);
  await expect(chainStates(shown, { n: 1, steps: 4, states: 6, key })).rejects.toThrow(/^states is 6/);
  await expect(chainStates(autoregression(0.5, 0), { n: 1, steps: 4, states: 2, key })).rejects.toThrow(
    /shows nothing, expected a chain with observe\(\)/,
  );
});
