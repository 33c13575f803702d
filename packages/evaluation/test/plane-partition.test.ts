/** log Z of energies of the plane against closed forms. */
import { gaussianRing } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { cellArea, cellCentres, planePartition, type PlaneEnergy } from "../src/entries/likelihood.js";

beforeAll(() => useEngine("cpu"));

const square = { low: [-1, -1], high: [1, 1] } as const;

/** ½ (x - μ)ᵀ P (x - μ) for a precision with entries a, b, b, c. */
const quadratic =
  ([a, b, c]: readonly [number, number, number], [mx, my]: readonly [number, number] = [0, 0]): PlaneEnergy =>
  (points) => {
    const at = points.dataSync();
    const energies = Float32Array.from({ length: at.length / 2 }, (_, i) => {
      const [x, y] = [at[2 * i]! - mx, at[2 * i + 1]! - my];
      return 0.5 * (a * x * x + 2 * b * x * y + c * y * y);
    });
    return tf.tensor1d(energies);
  };

describe("log Z", () => {
  it("of a Gaussian is log 2π - ½ log|P|, though the rectangle holds little of it at first", async () => {
    const found = await planePartition(quadratic([1.5, -0.6, 1], [0.7, 0.2]), square);
    const exact = Math.log(2 * Math.PI) - 0.5 * Math.log(1.5 - 0.36);
    expect(found.settled).toBe(true);
    expect(Math.abs(found.logPartition - exact)).toBeLessThan(1e-3);
    expect(found.grid.high[0] - found.grid.low[0]).toBeGreaterThan(7);
    const tensors = tf.memory().numTensors;
    await planePartition(quadratic([1, 0, 1]), square);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("of a normalised mixture plus a constant is minus the constant", async () => {
    const ring = gaussianRing({ count: 3, radius: 2, sd: 0.3 });
    const energy: PlaneEnergy = (points) => tf.tidy(() => tf.sub(7, ring.logDensity(points)));
    const found = await planePartition(energy, { low: [-2.5, -2.2], high: [3, 2.2] });
    expect(found.settled).toBe(true);
    expect(Math.abs(found.logPartition + 7)).toBeLessThan(1e-3);
  });

  it("sums over the cells that it returns", async () => {
    const { grid, energies, logPartition } = await planePartition(quadratic([9, 0, 4]), square);
    const centres = cellCentres(grid);
    expect(energies).toHaveLength(grid.cells ** 2);
    expect(energies[5]).toBeCloseTo(0.5 * (9 * centres[10]! ** 2 + 4 * centres[11]! ** 2), 4);
    const sum = energies.reduce((total, value) => total + Math.exp(-value), 0) * cellArea(grid);
    expect(Math.log(sum)).toBeCloseTo(logPartition, 10);
  });

  it("has not settled without a finite integral: it grows by log 4 with twice the sides", async () => {
    const found = await planePartition((points) => tf.zeros([points.shape[0]]), square);
    expect(found.settled).toBe(false);
    expect(found.extentChange).toBeCloseTo(Math.log(4), 9);
  });

  it("has not settled where a density is sharper than the smallest cells", async () => {
    const found = await planePartition(quadratic([4e8, 0, 4e8], [0.0123, 0.0321]), square);
    expect(found.settled).toBe(false);
  });
});

it.each<[string, PlaneEnergy, { low: readonly [number, number]; high: readonly [number, number] }]>([
  ["low < high", quadratic([1, 0, 1]), { low: [0, 0], high: [1, 0] }],
  ["is NaN", (points) => tf.fill([points.shape[0]], NaN), square],
  ["is -Infinity", (points) => tf.fill([points.shape[0]], -Infinity), square],
  ["one number per point", (points) => tf.zeros([points.shape[0], 1]), square],
])("refuses what is wrong: %s", async (message, energy, rectangle) => {
  await expect(planePartition(energy, rectangle)).rejects.toThrow(message);
});
