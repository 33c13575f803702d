import { useEngine } from "@ergodic/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FeatureExtractor, PixelBatch } from "../../src/entries/images.js";
import { inceptionExtractor } from "../../src/entries/networks.js";
import { checkImage, checkTensors } from "./check-network.js";

const colour: PixelBatch = { pixels: checkImage(), count: 1, height: 32, width: 32, channels: 3 };
const small: PixelBatch = {
  pixels: checkImage().subarray(0, 2 * 5 * 4 * 3),
  count: 2,
  height: 5,
  width: 4,
  channels: 3,
};

describe("the extractor of Inception features", () => {
  let extractor: FeatureExtractor;
  beforeAll(async () => {
    await useEngine("onnx");
    extractor = inceptionExtractor(checkTensors(), "seeded", { batchSize: 2 });
  });
  afterAll(() => extractor.dispose());

  const rows = async (images: readonly PixelBatch[]) => (await extractor.extract(images)).features;

  it("gives the same features whatever else is in the batch and whatever sizes the others have", async () => {
    const alone = await rows([colour]);
    expect(alone).toHaveLength(2048);
    expect(Math.abs(alone.reduce((a, b) => a + b, 0) - 3111.167178)).toBeLessThan(2e-3);
    const [first, second] = await Promise.all([
      rows([colour, { ...small, count: 1, pixels: small.pixels.subarray(60) }]),
      rows([small]),
    ]);
    alone.forEach((value, i) => expect(Math.abs(first[i]! - value)).toBeLessThan(1e-5));
    expect(Math.max(...second.slice(2048).map((value, i) => Math.abs(value - first[2048 + i]!)))).toBeLessThan(1e-5);
  });

  it("repeats grey images three times", async () => {
    const grey = colour.pixels.subarray(0, 64);
    const repeated = Uint8Array.from({ length: 192 }, (_, at) => grey[Math.floor(at / 3)]!);
    const sides = { count: 1, height: 8, width: 8 };
    const one = await rows([{ ...sides, pixels: grey, channels: 1 }]);
    expect(one).toEqual(await rows([{ ...sides, pixels: repeated, channels: 3 }]));
  });

  it("states its protocol, and calls only the published weights by their name", () => {
    expect(extractor.protocol).toEqual({
      network: "FID Inception, unofficial weights",
      weights: "seeded",
      features: "Mixed_7c, mean over places, 2048",
      resize: "tf1",
    });
  });

  it("refuses pixels that are not finite or not in 0..255", async () => {
    const floats = (value: number): PixelBatch => ({ ...colour, pixels: new Float32Array(3072).fill(value) });
    await expect(extractor.extract([floats(NaN)])).rejects.toThrow(/pixel 0 of the images is NaN/);
    await expect(extractor.extract([floats(-0.7)])).rejects.toThrow(/expected values in 0 .. 255/);
    await expect(extractor.extract([{ ...colour, channels: 4 }])).rejects.toThrow(/4 channels/);
  });
});
