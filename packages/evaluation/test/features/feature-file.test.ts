/**
 * An interrupted extraction resumes, with the same scores, and never with features of another
 * network.
 */
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { collectFeatures, imageArray } from "../../src/entries/images.js";
import { withFeatureFile } from "../../src/entries/node.js";
import { uniforms } from "../fixtures.js";
import { colourExtractor } from "./colour-extractor.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "features-"));
});
afterAll(() => rm(folder, { recursive: true }));

const pixels = Uint8Array.from(uniforms(1, 30 * 12), (u) => 256 * u);
const stream = (values = pixels) => imageArray(values, [30, 2, 2, 3]);
const keep = { keep: ["features", "logits"] } as const;

/**
 * Collects through a file with a new extractor, and returns the number of images that its network
 * saw.
 */
async function collect(path: string, { limit = Infinity, values = pixels } = {}) {
  const network = colourExtractor();
  const extractor = await withFeatureFile(network, path);
  try {
    const found = await collectFeatures(stream(values), extractor, { ...keep, limit });
    return { found, computed: network.calls.reduce((sum, count) => sum + count, 0) };
  } finally {
    await extractor.dispose();
  }
}

it("computes each batch once, and gives what the network alone gives", async () => {
  const path = join(folder, "a");
  expect((await collect(path, { limit: 12 })).computed).toBe(12);
  const resumed = await collect(path);
  expect(resumed.computed).toBe(18);
  const again = await collect(path);
  expect(again.computed).toBe(0);
  const alone = await collectFeatures(stream(), colourExtractor(), keep);
  expect(resumed.found).toEqual(alone);
  expect(again.found).toEqual(alone);
});

it("drops a record that was cut short, or damaged, and computes it again", async () => {
  const path = join(folder, "b");
  const whole = await collect(path);
  await truncate(path, (await stat(path)).size - 5);
  expect((await collect(path)).computed).toBe(2); // the last of 7 batches of 4 and one of 2
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  const mended = await collect(path);
  expect(mended.computed).toBe(2);
  expect(mended.found).toEqual(whole.found);
  expect((await collect(path)).computed).toBe(0);
});

it("computes images that changed, and those alone", async () => {
  const path = join(folder, "c");
  await collect(path);
  const values = pixels.slice();
  values[100]! ^= 1;
  const changed = await collect(path, { values });
  expect(changed.computed).toBe(4);
  expect(changed.found.features).toEqual((await collectFeatures(stream(values), colourExtractor(), keep)).features);
});

it("refuses features of another network, and other files", async () => {
  const path = join(folder, "d");
  await collect(path);
  const network = colourExtractor();
  const other = { ...network, protocol: { ...network.protocol, resize: "clean" } };
  await expect(withFeatureFile(other, path)).rejects.toThrow(
    /features of another network, expected .*"resize":"clean"/,
  );
  await writeFile(path, "something else");
  await expect(withFeatureFile(network, path)).rejects.toThrow(/holds something else/);
  await expect(withFeatureFile(network, folder)).rejects.toThrow(/cannot be opened/);
});
