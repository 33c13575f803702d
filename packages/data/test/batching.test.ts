/** Shuffled batches: epochs, random access, and wrong options. */
import { keyBrand, random, type Key } from "@ergodic/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shuffledBatches } from "../src/index.js";

const key = random.key(1);
const indices = (chosen: Int32Array): number[] => [...chosen];

const sizes = fc
  .integer({ min: 1, max: 60 })
  .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size }), fc.integer()));

describe("shuffledBatches", () => {
  it("covers every epoch exactly once, the last batch with what is left", () => {
    fc.assert(
      fc.property(sizes, ([size, batchSize, seed]) => {
        const batches = shuffledBatches(size, { batchSize, key: random.key(seed) }, indices);
        expect(batches.perEpoch).toBe(Math.ceil(size / batchSize));
        for (const epoch of [0, 1, 7]) {
          const parts = Array.from({ length: batches.perEpoch }, (_, i) => batches.at(epoch * batches.perEpoch + i));
          const sorted = parts.flat().sort((a, b) => a - b);
          expect(sorted).toEqual(Array.from({ length: size }, (_, i) => i));
          expect(parts.slice(0, -1).every((part) => part.length === batchSize)).toBe(true);
          expect(parts.at(-1)).toHaveLength(size - batchSize * (batches.perEpoch - 1));
        }
      }),
    );
  });

  it("gives an iteration the same batch alone as after all those before, and going back", () => {
    const run = shuffledBatches(53, { batchSize: 8, key }, indices);
    const history = Array.from({ length: 40 }, (_, i) => run.at(i));
    for (const iteration of [39, 0, 23, 7, 6, 39]) {
      expect(shuffledBatches(53, { batchSize: 8, key }, indices).at(iteration)).toEqual(history[iteration]);
      expect(run.at(iteration)).toEqual(history[iteration]);
    }
  });

  it("orders epochs differently, and as the permutation of the folded key", () => {
    const batches = shuffledBatches(100, { batchSize: 100, key }, indices);
    expect(batches.at(0)).not.toEqual(batches.at(1));
    expect(batches.at(5)).toEqual([...random.host.permutation(random.fold(key, 5), 100)]);
    const other = shuffledBatches(100, { batchSize: 100, key: random.key(2) }, indices);
    expect(other.at(0)).not.toEqual(batches.at(0));
  });

  it("refuses what it cannot do", () => {
    const make = (batchSize: number, from: Key = key) => shuffledBatches(10, { batchSize, key: from }, indices);
    expect(() => make(0)).toThrow(/^batchSize is 0, expected an integer >= 1/);
    expect(() => make(2.5)).toThrow(/^batchSize is 2.5/);
    expect(() => make(11)).toThrow(
      /^batchSize is 11, expected at most the 10 examples there are; choose a smaller batch/,
    );
    expect(() => make(5).at(-1)).toThrow(/^iteration is -1/);
    expect(() => make(5).at(0.5)).toThrow(/^iteration is 0.5/);
    const recording: Key = { [keyBrand]: true, derive: () => recording, draw: (spec) => key.draw(spec) };
    expect(() => make(5, recording)).toThrow(/key of batches holds no numbers/);
    expect(() => make(5, 3 as never)).toThrow(/make one with random.key/);
  });
});
