/** Anomalies that the user typed, and the text of detection scores. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { imageDataset, type ImageBatch } from "@ergodic/data";
import { images } from "@ergodic/data/node";
import { useEngine } from "@ergodic/engine";
import { readPlan } from "@ergodic/evaluation/model";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { writeNpz } from "@ergodic/formats/node";
import { anomaliesOf } from "../src/evaluation/anomalies.js";
import { describeDetection } from "../src/evaluation/describe-detection.js";
import { emptyFolder } from "./support.js";

beforeAll(() => useEngine("cpu"));

describe("anomalies", () => {
  const source = {
    load: () =>
      Promise.resolve(
        imageDataset({
          description: "test",
          bytes: new Uint8Array(3 * 12),
          labels: new Uint8Array(3),
          imageShape: [2, 2, 3],
        }),
      ),
  };
  const plan = readPlan({ test: source, reference: source })!;
  const named = (text: string | undefined, n = 4) =>
    anomaliesOf({ text, plan, n, range: undefined, key: random.key(1) });
  const imagesOf = async (text: string, n?: number): Promise<number[][][][]> => {
    const { data } = await named(text, n);
    const batch = data.batches({ batchSize: data.size, key: random.key(2) }).at(0) as ImageBatch;
    return batch.images.array();
  };

  it("are made by name, in the size of the test images", async () => {
    const images = await imagesOf("constant");
    expect([images.length, images[0]!.length, images[0]![0]!.length, images[0]![0]![0]!.length]).toEqual([4, 2, 2, 3]);
    expect((await named("noise", 7)).data).toMatchObject({ description: "7 images of noise", size: 7 });
    await expect(named("constructor")).rejects.toThrow(/no folder, .*"constructor"/);
  });

  it("are read from files, some of them, and refused in another size", async () => {
    const folder = await emptyFolder();
    await mkdir(folder, { recursive: true });
    const write = (name: string, shape: readonly number[]) => {
      const values = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i);
      return writeNpz(join(folder, name), { arr_0: { shape: [...shape], values } });
    };
    await write("right.npz", [6, 2, 2, 3]);
    await write("wrong.npz", [6, 2, 3, 3]);
    const { origin, data } = await named(join(folder, "right.npz"));
    expect([origin.given, data.size]).toEqual([join(folder, "right.npz"), 4]);
    expect(origin.sha256).toMatch(/^[0-9a-f]{64}$/);
    await expect(named(join(folder, "wrong.npz"))).rejects.toThrow(/are 2 x 3 x 3, expected 2 x 2 x 3/);
    await expect(named("nosie")).rejects.toThrow(/no folder, .*"nosie"/);
  });

  it("in a folder become images as the test pictures did, whatever their size and colour", async () => {
    const folder = await emptyFolder();
    for (const name of ["test", "anomalies"]) await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, "test", "a.pgm"), Buffer.from([...Buffer.from("P5 2 2 255\n"), 0, 51, 102, 255]));
    const wide = Buffer.from([...Buffer.from("P6 6 4 255\n"), ...Array<number>(72).fill(255)]);
    await writeFile(join(folder, "anomalies", "b.ppm"), wide);
    const test = images({ from: join(folder, "test"), size: 2 });
    const { data } = await anomaliesOf({
      text: join(folder, "anomalies"),
      plan: readPlan({ test })!,
      n: 4,
      key: random.key(1),
    });
    const batch = data.batches({ batchSize: 1, key: random.key(2) }).at(0) as ImageBatch;
    expect(batch.images.shape).toEqual([1, 2, 2, 3]);
    expect([...batch.images.dataSync()]).toEqual(Array(12).fill(1));
  });

  it("are read from folders, grey ones as three equal colours, with word of what was left out", async () => {
    const folder = await emptyFolder();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "a.pgm"), Buffer.from([...Buffer.from("P5 2 2 255\n"), 0, 51, 102, 255]));
    await writeFile(join(folder, "notes.txt"), "no image");
    expect((await named(folder)).origin.files?.skipped).toEqual({
      "other files": { count: 1, examples: ["notes.txt"] },
    });
    const [image] = await imagesOf(folder);
    // Bytes 0, 51, 102 and 255 in [-1, 1].
    const colours = image!.flat().map((pixel) => pixel.map((value) => Number(value.toFixed(6))));
    expect(colours).toEqual([-1, -0.6, -0.2, 1].map((value) => [value, value, value]));
  });

  it("are those of the experiment by default, if it has any", async () => {
    await expect(named(undefined)).rejects.toThrow(/no anomalies to find; give --anomalies <images>/);
    const own = readPlan({ test: source, reference: source, anomalies: source })!;
    const found = await anomaliesOf({ text: undefined, plan: own, n: 4, range: undefined, key: random.key(1) });
    expect([found.origin.given, found.data.size]).toEqual(["the experiment's anomalies", 3]);
  });
});

it("scores read well", () => {
  const scored = (description: string, mean: number) => ({ description, count: 5, mean });
  const text = describeDetection({
    auroc: { value: 0.78 },
    auprc: { value: 0.826785714286, averagePrecision: 0.789285714286, chance: 0.5 },
    tprAtFpr: { value: 0.4, fpr: 0.05 },
    detection: {
      positive: "anomalies",
      test: scored("5 numbers", 100.36),
      anomalies: { given: "numbers", ...scored("5 others", 100.63) },
    },
  });
  expect(text).toMatch(/^AUROC +0\.78$/m);
  expect(text).toMatch(/^AUPRC +0\.827 +by trapezoids; average precision 0\.789, by chance 0\.5$/m);
  expect(text).toMatch(/^TPR at 5 % FPR +0\.4$/m);
  expect(text).toMatch(/^anomalies +5 of 5 others: mean score 101$/m);
  expect(describeDetection({})).toBe("");
});
