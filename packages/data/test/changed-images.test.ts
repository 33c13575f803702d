/** Changed images, and edges as SciPy's grey morphology has them. */

import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { changedImages, edges, imageDataset } from "../src/index.js";

describe("edges", () => {
  it("are dilation less erosion, minus 1", () => {
    // import numpy as np; from scipy.ndimage import grey_dilation as d, grey_erosion as e
    // x = np.sin(np.arange(20) * 1.7).reshape(4, 5)
    // pad = lambda x, v: np.pad(x, 1, constant_values=v)
    // up, down = d(pad(x, -9), (3, 3))[1:-1, 1:-1], e(pad(x, 9), (3, 3))[1:-1, 1:-1]
    // print(np.minimum(up - down - 1, 1).flatten())
    const x = tf.tensor4d(
      Float32Array.from({ length: 20 }, (_, i) => Math.sin(i * 1.7)),
      [1, 4, 5, 1],
    );
    const expected = [
      0.6915395, 0.6915395, 0.9174795, 0.7849765, 0.7849765, 0.9530623, 0.9611904, 0.9256076, 0.9715913, 0.8309603,
      0.8406706, 0.9611904, 0.7281537, 0.9715913, 0.8309603, 0.8406706, 0.9611904, 0.7281537, 0.9715913, 0.7451263,
    ];
    [...edges(x).dataSync()].forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
  });

  it("are -1 where an image is even", () => {
    expect([...edges(tf.fill([1, 3, 3, 2], 0.3)).dataSync()].every((value) => value === -1)).toBe(true);
  });
});

describe("changedImages", () => {
  it("changes images in every batch, and nothing else", async () => {
    const bytes = Uint8Array.from({ length: 4 * 9 }, (_, i) => 7 * i);
    const source = {
      load: () =>
        Promise.resolve(
          imageDataset({ description: "ramps", bytes, imageShape: [3, 3, 1], labels: Uint8Array.of(0, 1, 2, 3) }),
        ),
    };
    const plain = await source.load();
    const negative = await changedImages(source, "negatives", (images) => tf.neg(images)).load();
    expect(negative.description).toBe("negatives of ramps");
    expect(negative.size).toBe(4);
    const [a, b] = [plain.take(Int32Array.of(2, 0)), negative.take(Int32Array.of(2, 0))];
    expect([...b.images.dataSync()]).toEqual([...tf.neg(a.images).dataSync()]);
    expect([...b.labels.dataSync()]).toEqual([2, 0]);
    const key = random.key(0);
    const batch = negative.batches({ batchSize: 2, key }).at(1);
    const same = plain.batches({ batchSize: 2, key }).at(1);
    expect([...batch.images.dataSync()]).toEqual([...tf.neg(same.images).dataSync()]);
  });
});
