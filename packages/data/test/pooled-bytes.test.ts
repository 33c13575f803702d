/** Images of bytes at half their size. */
import { describe, expect, it } from "vitest";
import { mnist } from "../src/entries/node.js";
import { pooledBytes } from "../src/pooled-bytes.js";

describe("means over blocks of 2 x 2 pixels", () => {
  it("are rounded, image by image", () => {
    const images = Uint8Array.of(0, 1, 2, 4, /* next */ 255, 255, 255, 254);
    expect([...pooledBytes(images, 2, 0)]).toEqual([2, 255]);
  });

  it("count a border as zeros", () => {
    // The blocks of a 4 x 4 image with a border of one zero begin at -1, 1 and 3.
    const image = Uint8Array.from({ length: 16 }, (_, i) => 4 * i);
    expect([...pooledBytes(image, 4, 1)]).toEqual([0, 3, 3, 12, 30, 18, 12, 27, 15]);
  });
});

describe("digits of 16 x 16", () => {
  it("have the mass of the large ones, a quarter of the pixels for each", async () => {
    const [large, small] = await Promise.all(
      ([28, 16] as const).map(async (side) =>
        (await mnist({ split: "test", limit: 50, side, scale: [0, 255] }).load()).all(),
      ),
    );
    expect(small!.shape).toEqual([50, 16, 16, 1]);
    const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
    // Halves are rounded up, which adds a tenth of a percent.
    expect(Math.abs((4 * sum(small!.images)) / sum(large!.images) - 1)).toBeLessThan(3e-3);
    expect(small!.labels).toEqual(large!.labels);
  });

  it("come in two sizes", () => {
    expect(() => mnist({ side: 20 as 16 })).toThrow(/side/);
  });
});
