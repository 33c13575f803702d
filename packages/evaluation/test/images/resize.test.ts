import { describe, expect, it } from "vitest";
import { cleanTaps, resizeInto, tf1Taps } from "../../src/images/resize.js";
import { checkImage } from "../inception/check-network.js";

const applied = (taps: ReturnType<typeof tf1Taps>, row: readonly number[]) =>
  taps.map(({ first, weights }) => weights.reduce((sum, weight, k) => sum + weight * row[first + k]!, 0));

const closeTo = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-4));
};

describe("resizing", () => {
  it("tf1 does not shift by half a pixel and does not smooth", () => {
    closeTo(applied(tf1Taps(4, 6), [0, 10, 20, 30]), [0, 6.6667, 13.3333, 20, 26.6667, 30]);
    closeTo(applied(tf1Taps(8, 3), [0, 0, 0, 100, 0, 0, 0, 0]), [0, 66.6667, 0]);
  });

  // PIL's bicubic on float32 images.
  it("clean is PIL's bicubic, smoothing when it shrinks", () => {
    closeTo(applied(cleanTaps(4, 6), [0, 10, 20, 30]), [-0.6579, 4.1176, 11.6667, 18.3333, 25.8824, 30.6579]);
    closeTo(applied(cleanTaps(8, 3), [0, 0, 0, 100, 0, 0, 0, 0]), [6.2269, 33.8275, -2.4996]);
  });

  it("gives the known image of noise", () => {
    expect([0, 3, 6].map((at) => checkImage()[at])).toEqual([2, 15, 250]);
    expect(checkImage().reduce((a, b) => a + b, 0)).toBe(389_424);
    const out = new Float32Array(299 * 299 * 3);
    resizeInto(out, 0, { values: checkImage(), height: 32, width: 32, channels: 3 }, { side: 299, protocol: "tf1" });
    expect(Math.abs(out[3]! - 3.39130435)).toBeLessThan(1e-6);
    expect(Math.abs(out[6]! - 4.7826087)).toBeLessThan(1e-6);
    expect(Math.abs(out[(150 * 299 + 150) * 3]! - 129.29223387)).toBeLessThan(1e-4);
    expect(Math.abs(out.reduce((a, b) => a + b, 0) - 34014973.7835)).toBeLessThan(1);
  });

  it("keeps channels apart and sides in their places", () => {
    const image = { values: [0, 100, 200, 50], height: 2, width: 1, channels: 2 };
    const out = new Float32Array(299 * 299 * 2);
    resizeInto(out, 0, image, { side: 299, protocol: "tf1" });
    expect([...out.slice(0, 2)]).toEqual([0, 100]);
    expect([...out.slice(-2)]).toEqual([200, 50]);
  });

  it("clean stays in 0..255, and an image of the right size stays as it is", () => {
    const out = new Float32Array(299 * 299);
    resizeInto(
      out,
      0,
      { values: [0, 255, 0, 255], height: 2, width: 2, channels: 1 },
      { side: 299, protocol: "clean" },
    );
    expect(out.reduce((a, b) => Math.min(a, b))).toBe(0);
    expect(out.reduce((a, b) => Math.max(a, b))).toBe(255);
    const exact = Float32Array.from({ length: 299 * 299 }, (_, i) => i % 256);
    resizeInto(out, 0, { values: exact, height: 299, width: 299, channels: 1 }, { side: 299, protocol: "clean" });
    expect(out).toEqual(exact);
  });

  it("refuses other protocols", () => {
    const image = { values: [0], height: 1, width: 1, channels: 1 };
    expect(() => resizeInto(new Float32Array(4), 0, image, { side: 2, protocol: "torch" as never })).toThrow(
      /resize is "torch"/,
    );
  });
});
