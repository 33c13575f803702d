/** Images of bytes at a fraction of their size. */
import { describe, expect, it } from "vitest";
import { mnist } from "../src/entries/node.js";
import { pooledBytes } from "../src/pooled-bytes.js";

describe("means over blocks of pixels", () => {
  it("are rounded, image by image", () => {
    const images = Uint8Array.of(0, 1, 2, 4, /* next */ 255, 255, 255, 254);
    expect([...pooledBytes(images, 2, { border: 0, factor: 2 })]).toEqual([2, 255]);
  });

  it("count a border as zeros", () => {
    // The blocks of a 4 x 4 image with a border of one zero begin at -1, 1 and 3.
    const image = Uint8Array.from({ length: 16 }, (_, i) => 4 * i);
    expect([...pooledBytes(image, 4, { border: 1, factor: 2 })]).toEqual([0, 3, 3, 12, 30, 18, 12, 27, 15]);
  });

  it("of one pixel add the border alone", () => {
    const padded = [...[0, 0, 0, 0], ...[0, 7, 9, 0], ...[0, 5, 3, 0], ...[0, 0, 0, 0]];
    expect([...pooledBytes(Uint8Array.of(7, 9, 5, 3), 2, { border: 1, factor: 1 })]).toEqual(padded);
  });
});

describe("digits of other sizes", () => {
  it.each([
    [32, 1],
    [16, 4],
    [8, 16],
  ] as const)("at %d have the mass of those at 28, over %d pixels for each", async (side, pixels) => {
    const [whole, other] = await Promise.all(
      ([28, side] as const).map(async (size) =>
        (await mnist({ split: "test", limit: 50, side: size, scale: [0, 255] }).load()).all(),
      ),
    );
    expect(other!.shape).toEqual([50, side, side, 1]);
    const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
    // Halves are rounded up, which adds a tenth of a percent.
    expect(Math.abs((pixels * sum(other!.images)) / sum(whole!.images) - 1)).toBeLessThan(3e-3);
    expect(other!.labels).toEqual(whole!.labels);
  });

  it("are refused", () => {
    expect(() => mnist({ side: 20 as 16 })).toThrow(/side/);
  });
});
