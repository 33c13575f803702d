import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeNpz } from "@ergodic/formats/node";
import { covarianceOf, frechetBias, frechetDistance } from "../../src/index.js";
import {
  collectFeatures,
  imageArray,
  imageMetrics,
  keptFor,
  scoreImages,
  type ImageStream,
} from "../../src/entries/images.js";
import { loadStatistics, saveStatistics } from "../../src/entries/node.js";
import { uniforms } from "../fixtures.js";
import { colourExtractor } from "./colour-extractor.js";

const noise = (seed: number, count: number, low = 0): ImageStream =>
  imageArray(
    Uint8Array.from(uniforms(seed, count * 12), (u) => low + (256 - low) * u),
    [count, 2, 2, 3],
  );

describe("collectFeatures", () => {
  it("passes whole batches to the network whatever the batches of the stream, and gives the moments of all", async () => {
    const extractor = colourExtractor(7);
    const seen: unknown[] = [];
    const found = await collectFeatures(noise(1, 120), extractor, {
      keep: ["features", "logits"],
      onProgress: (progress) => seen.push(progress),
    });
    expect(extractor.calls).toEqual([...Array<number>(17).fill(7), 1]);
    expect(seen.at(-1)).toEqual({ images: 120, of: 120 });
    expect(found.logits).toEqual(found.features);
    const expected = covarianceOf(found.features!, 3);
    expect(found.moments.count).toBe(120);
    expected.covariance.forEach((value, i) => expect(found.moments.covariance[i]).toBeCloseTo(value, 9));
    expect(found.protocol).toMatchObject({ count: 120, quantisation: "uint8", grey: false, network: "mean colours" });
  });

  it("keeps nothing unless told, stops at the limit and at a signal", async () => {
    const found = await collectFeatures(noise(1, 120), colourExtractor(), { limit: 10 });
    expect(found.features).toBeUndefined();
    expect(found.moments.count).toBe(10);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(collectFeatures(noise(1, 10), colourExtractor(), { signal })).rejects.toThrow("enough");
  });

  it("refuses a single image", async () => {
    await expect(collectFeatures(noise(1, 1), colourExtractor())).rejects.toThrow(/1 images came, expected at least 2/);
  });

  it("says when images are grey", async () => {
    const grey = imageArray(
      new Uint8Array(8).map((_, i) => i),
      [2, 2, 2, 1],
    );
    expect((await collectFeatures(grey, colourExtractor())).protocol.grey).toBe(true);
  });
});

describe("scoreImages", () => {
  const collected = (stream: ImageStream) =>
    collectFeatures(stream, colourExtractor(), { keep: ["features", "logits"] });
  const options = { metrics: imageMetrics, seed: 3, kid: { subsets: 5, subsetSize: 20 } };

  it("gives every score, the same for the same seed, with what it takes to repeat it", async () => {
    const [fake, real] = [await collected(noise(1, 200, 100)), await collected(noise(2, 150))];
    const scores = scoreImages(fake, real, options);
    expect(scores).toEqual(scoreImages(fake, real, options));
    expect(scores.fid).toBe(frechetDistance(real.moments, fake.moments));
    expect(scores.prdc).toHaveLength(2);
    expect(scores.kid).toMatchObject({ subsets: 5, subsetSize: 20 });
    expect(scores.inceptionScore!.splits).toBe(10);
    expect(scores.fidInfinity!.points).toHaveLength(15);
    expect(scores.protocol).toEqual({ generated: fake.protocol, reference: real.protocol, seed: 3 });
    // Every biased score is named. KID and the extrapolation are not biased.
    expect(scores.warnings.map(({ kind, biased }) => [kind, biased])).toEqual([
      ["few-examples", ["fid"]],
      ["few-examples", ["is"]],
      ["few-examples", ["prdc"]],
    ]);
    expect(JSON.parse(JSON.stringify(scores))).toEqual(scores);
  });

  it("needs no more than is kept for its metrics", async () => {
    for (const metric of imageMetrics) {
      const keep = keptFor([metric]);
      const fake = await collectFeatures(noise(1, 40), colourExtractor(), { keep: keep.generated });
      const real = await collectFeatures(noise(2, 40), colourExtractor(), { keep: keep.reference });
      expect(Object.keys(scoreImages(fake, real, { ...options, metrics: [metric] }))).toHaveLength(3);
    }
    const bare = await collectFeatures(noise(1, 40), colourExtractor());
    expect(() => scoreImages(bare, bare, options)).toThrow(/features of generated images were not kept/);
  });

  it("needs a reference for all but the Inception Score", async () => {
    const alone = await collected(noise(1, 40));
    const scores = scoreImages(alone, undefined, { metrics: ["is"], seed: 0 });
    expect(scores.inceptionScore!.value).toBeGreaterThanOrEqual(1);
    expect(scores.protocol).toEqual({ generated: alone.protocol, seed: 0 });
    expect(scores.warnings).toMatchObject([{ kind: "few-examples", biased: ["is"] }]);
    expect(() => scoreImages(alone, undefined, { metrics: ["fid"], seed: 0 })).toThrow(/there is no reference/);
  });

  it("warns of fewer examples than features, with the bias", async () => {
    const [two, many] = [await collected(noise(1, 2)), await collected(noise(2, 100))];
    const { warnings } = scoreImages(two, many, { ...options, metrics: ["fid"] });
    expect(warnings).toMatchObject([{ kind: "few-examples", bias: frechetBias(many.moments, 2, 100) }]);
    expect(warnings[0]!.message).toMatch(/2 examples are fewer than the 3 features/);
  });

  it("warns of another protocol, and refuses another network", async () => {
    const one = await collected(noise(1, 20));
    const other = (change: object) => ({ ...one, protocol: { ...one.protocol, ...change } });
    const fid = { ...options, metrics: ["fid"] as const };
    expect(scoreImages(one, other({ resize: "clean" }), fid).warnings).toMatchObject([
      { kind: "other-protocol", message: "resize is none for generated images and clean for the reference" },
      { kind: "few-examples" },
    ]);
    expect(() => scoreImages(one, other({ weights: "abc" }), fid)).toThrow(/expected one network for both/);
  });
});

describe("stored statistics", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "statistics-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("come back bit for bit, and serve as a reference", async () => {
    const found = await collectFeatures(noise(1, 30), colourExtractor());
    const path = join(folder, "own.npz");
    await saveStatistics(path, { statistics: found.moments, protocol: found.protocol });
    const back = await loadStatistics(path);
    expect(back).toEqual({ statistics: found.moments, protocol: found.protocol });
    expect(scoreImages(found, back, { metrics: ["fid"], seed: 0 }).fid).toBeLessThan(1e-9);
    const kept = await collectFeatures(noise(1, 30), colourExtractor(), { keep: ["features"] });
    expect(() => scoreImages(kept, back, { metrics: ["prdc"], seed: 0 })).toThrow(
      /statistics serve Fréchet distances alone/,
    );
  });

  it("of other programs have mu and sigma alone, which is said", async () => {
    const path = join(folder, "theirs.npz");
    await writeNpz(path, {
      mu: { shape: [3], values: Float32Array.of(1, 2, 3) },
      sigma: { shape: [3, 3], values: Float32Array.of(2, 1, 0, 1, 2, 0, 0, 0, 1) },
    });
    const found = await collectFeatures(noise(1, 30), colourExtractor());
    expect(scoreImages(found, await loadStatistics(path), { metrics: ["fid"], seed: 0 }).warnings).toMatchObject([
      { kind: "unknown-protocol" },
      { kind: "few-examples", biased: ["fid"] },
    ]);
  });

  it("of no Gaussian are not written", async () => {
    const path = join(folder, "never.npz");
    const statistics = { dimensions: 2, mean: new Float64Array(2), covariance: Float64Array.of(1, 2, 2, 1) };
    await expect(saveStatistics(path, { statistics })).rejects.toThrow(/has an eigenvalue below/);
    await expect(loadStatistics(path)).rejects.toThrow(/ENOENT|no such file/);
  });

  it("are refused when they do not fit or are no covariance", async () => {
    const path = join(folder, "broken.npz");
    const mu = { shape: [2], values: Float64Array.of(1, 2) };
    await writeNpz(path, { mu, sigma: { shape: [3, 3], values: new Float64Array(9) } });
    await expect(loadStatistics(path)).rejects.toThrow(/mu \[2\] and sigma \[3,3\], expected mu \[d\]/);
    await writeNpz(path, { mu, sigma: { shape: [2, 2], values: Float64Array.of(1, 5, 0, 1) } });
    await expect(loadStatistics(path)).rejects.toThrow(/not symmetric at \(1, 0\)/);
    await writeNpz(path, { mu, sigma: { shape: [2, 2], values: Float64Array.of(1, 2, 2, 1) } });
    await expect(loadStatistics(path)).rejects.toThrow(/statistics in .*broken.npz has an eigenvalue below/);
    await writeNpz(path, { mu, sigma: { shape: [2, 2], values: Float32Array.of(1, 0, 0, NaN) } });
    await expect(loadStatistics(path)).rejects.toThrow(/covariance of the statistics in .*broken.npz holds NaN/);
    const sigma = { shape: [2, 2], values: Float64Array.of(1, 0, 0, 1) };
    await writeNpz(path, { mu: { shape: [2], values: Float64Array.of(0, Infinity) }, sigma });
    await expect(loadStatistics(path)).rejects.toThrow(/mean of the statistics in .*broken.npz holds Infinity/);
    await writeNpz(path, { mu, sigma, count: { shape: [], values: Float64Array.of(NaN) } });
    await expect(loadStatistics(path)).rejects.toThrow(/count in .*broken.npz is NaN, expected an integer/);
    await writeNpz(path, { mu });
    await expect(loadStatistics(path)).rejects.toThrow(/no array sigma, expected one of mu/);
  });
});
