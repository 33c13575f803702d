/** Generated images, and images of a stream in one array. */
import { describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { imageArray } from "../../src/images/streams.js";
import { collectImages } from "../../src/model/collect-images.js";
import { madeImages } from "../../src/model/made-images.js";

describe("made images", async () => {
  await useEngine("cpu");
  const request = { count: 400, size: [2, 2, 3], key: random.key(1) } as const;

  it("of noise are uniform bytes, the same for the same key", () => {
    const noise = madeImages.noise(request);
    expect(noise).toHaveLength(400 * 12);
    // In [-1, 1] the mean of 4800 numbers has a standard error of 0.0083.
    // The mean of their squares, 1/3, has one of 0.0043.
    // Bounds are five standard errors: fewer than one false alarm in a million seeds.
    const mean = (of: (x: number) => number) => noise.reduce((sum, byte) => sum + of(byte / 127.5 - 1), 0) / 4800;
    expect(Math.abs(mean((x) => x))).toBeLessThan(0.042);
    expect(Math.abs(mean((x) => x * x) - 1 / 3)).toBeLessThan(0.022);
    expect(madeImages.noise(request)).toEqual(noise);
    expect(madeImages.noise({ ...request, key: random.key(2) })).not.toEqual(noise);
  });

  it("of one colour have the same pixel everywhere, another in each image", () => {
    const images = madeImages.constant({ ...request, count: 4 });
    const colours = Array.from({ length: 4 }, (_, i) => images.slice(12 * i, 12 * (i + 1)));
    for (const image of colours) for (let p = 0; p < 12; p++) expect(image[p]).toBe(image[p % 3]);
    expect(new Set(colours.map(String)).size).toBe(4);
  });
});

describe("images of a stream", () => {
  const grey = imageArray(Uint8Array.of(0, 51, 102, 255, 1, 2, 3, 4), [2, 2, 2, 1]);

  it("are the first so many, grey ones in three equal channels where colour is expected", async () => {
    expect([...(await collectImages(grey, [2, 2, 1], 1))]).toEqual([0, 51, 102, 255]);
    expect([...(await collectImages(grey, [2, 2, 3], 1))]).toEqual([0, 51, 102, 255].flatMap((x) => [x, x, x]));
    expect(await collectImages(grey, [2, 2, 1], 9)).toHaveLength(8);
  });

  it("are refused in another size", async () => {
    await expect(collectImages(grey, [2, 4, 1], 1)).rejects.toThrow(
      /the images of 2 images of 2 x 2 x 1 are 2 x 2 x 1, expected 2 x 4 x 1; bring them to that size/,
    );
  });
});
