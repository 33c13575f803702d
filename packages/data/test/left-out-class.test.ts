/** One class of MNIST as anomalies, and of a small set that is known by heart. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { mnist } from "../src/entries/node.js";
import { imageDataset, imageSubset, leaveOutClass, type LabelledImageDataset } from "../src/index.js";

beforeAll(() => tf.setBackend("cpu"));

/** Image i is one pixel of value i; its label is i mod 10. */
const small = imageDataset({
  description: "small",
  bytes: Uint8Array.from({ length: 100 }, (_, i) => i),
  labels: Uint8Array.from({ length: 100 }, (_, i) => i % 10),
  imageShape: [1, 1, 1],
  scale: [0, 255],
});
const source = (dataset: LabelledImageDataset) => ({ load: () => Promise.resolve(dataset) });
const pixels = (dataset: LabelledImageDataset): number[] => [...dataset.all().images].map(Math.round);

async function partsOf(options: Parameters<typeof leaveOutClass>[1], of = source(small)) {
  const { training, test, anomalies } = leaveOutClass(of, options);
  return { training: await training.load(), test: await test.load(), anomalies: await anomalies.load() };
}

describe("a class that is left out", () => {
  it("has the published counts for every digit of MNIST", async () => {
    const digits = source(await mnist({ split: "all" }).load());
    const counts = async (label: number) => {
      const { training, test, anomalies } = await partsOf({ label }, digits);
      return [training.size, test.size, anomalies.size, test.size + anomalies.size];
    };
    expect(await Promise.all([1, 4, 5, 7, 9].map(counts))).toEqual([
      [49_698, 12_425, 7_877, 20_302],
      [50_540, 12_636, 6_824, 19_460],
      [50_949, 12_738, 6_313, 19_051],
      [50_165, 12_542, 7_293, 19_835],
      [50_433, 12_609, 6_958, 19_567],
    ]);
  });

  it("divides all images, none twice, and no anomaly comes into training", async () => {
    const { training, test, anomalies } = await partsOf({ label: 3 });
    expect([training, test, anomalies].flatMap(pixels).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect(pixels(anomalies).sort((a, b) => a - b)).toEqual([3, 13, 23, 33, 43, 53, 63, 73, 83, 93]);
    expect([...training.labels(0, 72), ...test.labels(0, 18)]).not.toContain(3);
    expect(training.description).toBe("72 training images without class 3, of small");
  });

  it("is split by the seed alone, and limits take the first of a shuffled order", async () => {
    const [one, again, other] = [
      await partsOf({ label: 3 }),
      await partsOf({ label: 3 }),
      await partsOf({ label: 3, seed: 1 }),
    ];
    expect(pixels(again.training)).toEqual(pixels(one.training));
    expect(pixels(other.training)).not.toEqual(pixels(one.training));
    const few = await partsOf({ label: 3, trainingLimit: 5, testLimit: 14 });
    expect(pixels(few.training)).toEqual(pixels(one.training).slice(0, 5));
    expect(few.test.size + few.anomalies.size).toBe(14);
    expect([few.test, few.anomalies].every(({ size }) => size > 0)).toBe(true);
  });

  it("refuses a label that no image has, a share outside (0, 1) and more images than there are", async () => {
    await expect(partsOf({ label: 10 })).rejects.toThrow(/no anomalies images of small.*label 10/);
    expect(() => leaveOutClass(source(small), { label: 3, trainingShare: 1.1 })).toThrow(/trainingShare is 1.1/);
    expect(() => leaveOutClass(source(small), { label: 3, testLimit: 0 })).toThrow(/testLimit is 0/);
    await expect(partsOf({ label: 3, trainingLimit: 73 })).rejects.toThrow(/trainingLimit is 73/);
  });
});

describe("a subset of images", () => {
  it("is a data set of images in every way", async () => {
    const chosen = imageSubset(small, Int32Array.of(7, 12, 5), "three");
    expect(chosen).toMatchObject({ description: "three", size: 3, imageShape: [1, 1, 1] });
    expect(pixels(chosen)).toEqual([7, 12, 5]);
    expect([...chosen.labels(1, 2)]).toEqual([2, 5]);
    const { images, labels } = chosen.take(Int32Array.of(2, 0));
    expect([[...(await images.data())].map(Math.round), [...(await labels.data())]]).toEqual([
      [5, 7],
      [5, 7],
    ]);
    expect(() => imageSubset(small, Int32Array.of(100), "none")).toThrow(/example 100/);
  });
});
