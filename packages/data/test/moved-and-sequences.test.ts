/**
 * Moved points, sequences on a circle and moving digits: their formulas, and the same for the same
 * seed.
 */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { describe, expect, it } from "vitest";
import { circleSequences, gaussianRing, imageDataset, movedPoints, movingDigits } from "../src/index.js";

const some = Int32Array.of(3, 0);

describe("movedPoints", () => {
  it("scales, turns counterclockwise, and shifts", async () => {
    const source = gaussianRing().source({ size: 5 });
    const moved = await movedPoints(source, { scale: 2, turn: 90, shift: [1, -1] }).load();
    const before = [...(await source.load()).take(some).points.dataSync()];
    const after = [...moved.take(some).points.dataSync()];
    for (let i = 0; i < 2; i++) {
      expect(after[2 * i]).toBeCloseTo(-2 * before[2 * i + 1]! + 1, 5);
      expect(after[2 * i + 1]).toBeCloseTo(2 * before[2 * i]! - 1, 5);
    }
    expect([...moved.take(some).labels.dataSync()]).toEqual([...(await source.load()).take(some).labels.dataSync()]);
    expect(() => movedPoints(source, { scale: 0 })).toThrow(/scale is 0/);
    expect(() => movedPoints(source, { shift: [0, NaN] })).toThrow(/shift\[1\]/);
  });
});

describe("circleSequences", () => {
  it("moves by 0.5 + 0.4 cos θ, turned about its centre", async () => {
    const settings = { size: 50, noise: 0, seed: "a" };
    const plain = (await circleSequences(settings).load()).take(some).frames.map((frame) => [...frame.dataSync()]);
    const turned = (await circleSequences({ ...settings, turn: 60, centre: [1, -0.5] }).load())
      .take(some)
      .frames.map((frame) => [...frame.dataSync()]);
    const angle = (at: readonly number[], i: number, centre = [0, 0]) =>
      Math.atan2(at[2 * i + 1]! - centre[1]!, at[2 * i]! - centre[0]!);
    for (let i = 0; i < 2; i++) {
      const [first, second] = [angle(plain[0]!, i), angle(plain[1]!, i)];
      const step = (second - first + 2 * Math.PI) % (2 * Math.PI);
      expect(step).toBeCloseTo(0.5 + 0.4 * Math.cos(first), 4);
      const turn = (angle(turned[2]!, i, [1, -0.5]) - angle(plain[2]!, i) + 2 * Math.PI) % (2 * Math.PI);
      expect(turn).toBeCloseTo(Math.PI / 3, 4);
      expect(Math.hypot(plain[0]![2 * i]!, plain[0]![2 * i + 1]!)).toBeCloseTo(1.5, 5);
    }
  });
});

describe("movingDigits", () => {
  const squares = (count: number, side: number) => ({
    load: () =>
      Promise.resolve(
        imageDataset({
          description: "squares",
          bytes: new Uint8Array(count * side * side).fill(255),
          imageShape: [side, side, 1],
        }),
      ),
  });

  it("moves each image inside the frame, by at most its speed along each side", async () => {
    const dataset = await movingDigits(squares(30, 4), { side: 10, length: 4, speed: 3, seed: 1 }).load();
    const all = Int32Array.from({ length: 30 }, (_, i) => i);
    const places = dataset.take(all).frames.map((frame) => {
      const values = frame.dataSync();
      return Array.from(all, (i) => {
        const on = Array.from({ length: 100 }, (_, k) => k).filter((k) => values[i * 100 + k] === 1);
        expect(on).toHaveLength(16);
        return [Math.floor(on[0]! / 10), on[0]! % 10] as const;
      });
    });
    for (let t = 1; t < 4; t++)
      places[t]!.forEach(([row, column], i) => {
        const [before, left] = places[t - 1]![i]!;
        expect(Math.abs(row - before)).toBeLessThanOrEqual(4);
        expect(Math.abs(column - left)).toBeLessThanOrEqual(4);
      });
    expect(new Set(places[0]!.map(String)).size).toBeGreaterThan(5);
  });

  it("has the same motion in every batch, and needs a frame that is large enough", async () => {
    const dataset = await movingDigits(squares(5, 4), { side: 8 }).load();
    const [pair, single] = [dataset.take(Int32Array.of(1, 4)), dataset.take(Int32Array.of(4))];
    expect([...tf.slice(pair.frames[2]!, 1, 1).dataSync()]).toEqual([...single.frames[2]!.dataSync()]);
    const large = await movingDigits(squares(1, 4), { side: 3 }).load();
    expect(() => large.take(Int32Array.of(0))).toThrow(/images are 4 x 4/);
  });
});
