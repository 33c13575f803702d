/**
 * Whole distributions, not only moments.
 *
 * A histogram of 200,000 draws in a double well, with 40 bins, must be within 0.02 of the exact one
 * in total variation. Independent draws would give 0.0056. A wrong sign in an acceptance ratio
 * gives more than 0.1.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { doubleWell } from "@ergodic/energies";
import { random } from "@ergodic/tensor";
import { hmc, mala, nuts, sample } from "@ergodic/samplers";
import { valuesOf } from "./support.js";

const [chains, draws, skipped] = [2000, 120, 20];
const key = random.key("go");
const [barrier, limit, bins] = [2, 2, 40];

/**
 * Shares of the bins of [-limit, limit] under exp(-h (x² - 1)²), by the midpoint rule with 200
 * points per bin.
 */
function exactShares(): number[] {
  const width = (2 * limit) / bins / 200;
  const density = Array.from({ length: bins * 200 }, (_, i) =>
    Math.exp(-barrier * ((-limit + (i + 0.5) * width) ** 2 - 1) ** 2),
  );
  const mass = density.reduce((a, b) => a + b);
  return Array.from({ length: bins }, (_, k) => density.slice(200 * k, 200 * (k + 1)).reduce((a, b) => a + b) / mass);
}

describe("draws in a double well follow its density", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });
  const { energy } = doubleWell({ barrier });

  it.each([
    ["mala", (initial: tf.Tensor) => sample(mala({ energy, stepSize: 0.3 }), { initial, draws, key })],
    ["hmc", (initial: tf.Tensor) => sample(hmc({ energy, stepSize: 0.3, steps: [1, 3, 5] }), { initial, draws, key })],
    ["nuts", (initial: tf.Tensor) => sample(nuts({ energy, stepSize: 0.35 }), { initial, draws, key })],
  ])("%s", async (_, run) => {
    const initial = random.uniform(random.key("wells"), [chains, 1], { low: -1.5, high: 1.5 });
    const { positions } = await run(initial);
    const counts = new Array<number>(bins).fill(0);
    const values = valuesOf(tf.slice(positions, [0, skipped, 0]));
    for (const x of values) {
      const bin = Math.floor(((x + limit) / (2 * limit)) * bins);
      if (bin >= 0 && bin < bins) counts[bin]! += 1;
    }
    const shares = exactShares();
    const distance = counts.reduce((sum, n, k) => sum + Math.abs(n / values.length - shares[k]!), 0) / 2;
    expect(values).toHaveLength(200_000);
    expect(distance).toBeLessThan(0.02);
  });
});
