/** Random flips and shifts of images, by key and iteration. */
import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { augmented, augmentImages, imageDataset } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const [height, width] = [4, 5];
/**
 * Pixel (row, column) of image i is 100 i + 10 row + column in one channel, and its negative in the
 * other.
 */
const numbered = (count: number) =>
  tf.tensor4d(
    Array.from({ length: count }, (_, i) =>
      Array.from({ length: height }, (_, row) =>
        Array.from({ length: width }, (_, column) => [1, -1].map((sign) => sign * (100 * i + 10 * row + column))),
      ),
    ),
  );

/**
 * The definition: the image is mirrored, padded by `crop` with its mirror image, and cut at (down,
 * right).
 */
function slow(
  rows: number[][],
  { flip, crop, down, right }: { flip: boolean; crop: number; down: number; right: number },
) {
  const padded = <T>(line: T[]): T[] => [
    ...line.slice(1, crop + 1).reverse(),
    ...line,
    ...line.slice(-crop - 1, -1).reverse(),
  ];
  const wide = padded(rows.map((row) => padded(flip ? [...row].reverse() : row)));
  return wide.slice(down, down + height).map((row) => row.slice(right, right + width));
}

describe("augmentImages", () => {
  it("gives every flip and shift of each image, equally often, and nothing else", () => {
    const [count, crop] = [1800, 1];
    const images = tf.tidy(() => tf.tile(numbered(1), [count, 1, 1, 1]) as tf.Tensor4D);
    const changed = augmentImages(images, random.key(0), { flip: true, crop });
    expect([changed.shape, changed.dtype]).toEqual([images.shape, "float32"]);
    expect(tf.tidy(() => tf.max(tf.abs(tf.sum(changed, 3))).dataSync()[0])).toBe(0);
    const values = changed.arraySync();
    const original = numbered(1)
      .arraySync()[0]!
      .map((row) => row.map(([value]) => value!));
    const expected = [false, true].flatMap((flip) =>
      [0, 1, 2].flatMap((down) => [0, 1, 2].map((right) => String(slow(original, { flip, crop, down, right })))),
    );
    expect(new Set(expected).size).toBe(18);
    const counts = new Map(expected.map((image) => [image, 0]));
    for (const image of values) {
      const found = String(image.map((row) => row.map(([value]) => value)));
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    expect(counts.size).toBe(18);
    // Binomial(1800, 1/18), mean 100, sd 9.7: five of them, 18 times, false alarm 1e-5.
    for (const times of counts.values()) expect(Math.abs(times - 100)).toBeLessThan(49);
    tf.dispose([images, changed]);
  });

  it("flips alone without shifting, and shifts alone without flipping", () => {
    const images = numbered(40);
    const rows = (image: number[][][]) => image.map((row) => row.map(([value]) => value!));
    const before = images.arraySync().map(rows);
    const flipped = augmentImages(images, random.key(1), { flip: true }).arraySync().map(rows);
    const mirrored = before.map((image) => image.map((row) => [...row].reverse()));
    const was = flipped.map((image, i) => (String(image) === String(before[i]) ? "same" : "flipped"));
    flipped.forEach((image, i) => expect(image).toEqual((was[i] === "same" ? before : mirrored)[i]));
    expect(new Set(was).size).toBe(2);
    const shifted = augmentImages(images, random.key(1), { crop: 2 }).arraySync().map(rows);
    shifted.forEach((image, i) => {
      const all = [0, 1, 2, 3, 4].flatMap((down) =>
        [0, 1, 2, 3, 4].map((right) => String(slow(before[i]!, { flip: false, crop: 2, down, right }))),
      );
      expect(all).toContain(String(image));
    });
  });

  it("refuses a shift as large as the image", () => {
    expect(() => augmentImages(numbered(1), random.key(0), { crop: 4 })).toThrow(
      /^crop is 4, expected less than the sides 4 and 5/,
    );
  });
});

describe("augmented", () => {
  const dataset = imageDataset({
    description: "noise",
    bytes: Uint8Array.from({ length: 20 * 16 }, (_, i) => (37 * i) % 251),
    labels: Uint8Array.from({ length: 20 }, (_, i) => i),
    imageShape: [4, 4, 1],
  });
  const source = augmented({ load: () => Promise.resolve(dataset) }, { flip: true, crop: 1 });

  it("changes images by the iteration's number alone, keeps labels, and frees what it replaced", async () => {
    const data = await source.load();
    const options = { batchSize: 8, key: random.key(4) };
    const at = (iteration: number, ...before: number[]) => {
      const batches = data.batches(options);
      for (const earlier of before) tf.dispose(batches.at(earlier));
      const { images, labels } = batches.at(iteration);
      const values = [[...images.dataSync()], [...labels.dataSync()]];
      tf.dispose([images, labels]);
      return values;
    };
    const tensors = tf.memory().numTensors;
    expect(at(7)).toEqual(at(7, 0, 1, 9));
    const plain = dataset.batches(options).at(7);
    expect(at(7)[1]).toEqual([...plain.labels.dataSync()]);
    expect(at(7)[0]).not.toEqual([...plain.images.dataSync()]);
    tf.dispose(plain);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("leaves the data set itself as it is, for evaluation", async () => {
    const data = await source.load();
    expect(data.all()).toEqual(dataset.all());
    expect(data.labels(3, 2)).toEqual(Uint8Array.of(3, 4));
  });

  it("draws other changes in the next epoch", async () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
    const one = imageDataset({ description: "one", bytes, imageShape: [4, 4, 1] });
    const single = augmented({ load: () => Promise.resolve(one) }, { flip: true, crop: 1 });
    const batches = (await single.load()).batches({ batchSize: 1, key: random.key(0) });
    const seen = new Set(Array.from({ length: 30 }, (_, epoch) => String(batches.at(epoch).images.dataSync())));
    expect(seen.size).toBeGreaterThan(5);
  });

  it("checks its options at once", () => {
    expect(() => augmented({ load: () => Promise.resolve(dataset) }, {})).toThrow(/^flip and crop are both off/);
    expect(() => augmented({ load: () => Promise.resolve(dataset) }, { crop: -1 })).toThrow(/^crop is -1/);
  });
});
