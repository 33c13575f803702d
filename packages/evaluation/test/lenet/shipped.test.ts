/** The weights in this package: their recorded accuracy, and scores in their space. */
import { readFile, stat } from "node:fs/promises";
import { compile, useEngine } from "@ergodic/engine";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256 } from "@ergodic/formats";
import { inceptionScore } from "../../src/index.js";
import {
  collectFeatures,
  scoreImages,
  type CollectedFeatures,
  type FeatureExtractor,
} from "../../src/entries/images.js";
import {
  classificationAccuracy,
  lenetExtractor,
  lenetFile,
  scoreDigits,
  servesForDigits,
} from "../../src/entries/networks.js";
import { digitClassifier, loadLenet, readWeights } from "../../src/entries/node.js";
import { shippedLenet } from "../../src/lenet/load.js";
import { uniforms } from "../fixtures.js";
import { blurred, digits, noise, stream } from "./digits.js";

let lenet: FeatureExtractor;
beforeAll(async () => {
  await useEngine("onnx");
  lenet = await loadLenet();
});
afterAll(() => lenet.dispose());

const collected = (pixels: Uint8Array, extractor = lenet): Promise<CollectedFeatures> =>
  collectFeatures(stream(pixels), extractor, { keep: ["features", "logits"] });

describe("the shipped classifier", () => {
  it("names at least 99 % of the test digits right, as many as is said of it", async () => {
    const { pixels, labels } = await digits("test", 10_000);
    const accuracy = await classificationAccuracy(lenet, stream(pixels), labels);
    expect(accuracy).toBeGreaterThanOrEqual(0.99);
    expect(lenetFile.testDigits).toBe(10_000);
    // Digits on the border between two classes may change class on another machine.
    expect(Math.abs(accuracy - lenetFile.testAccuracy)).toBeLessThanOrEqual(3e-4);
  });

  it("names digits in a compiled function as it does from logits", async () => {
    const { pixels } = await digits("test", 200);
    const { logits } = await collected(pixels);
    const named = Array.from({ length: 200 }, (_, i) => {
      const own = logits!.subarray(10 * i, 10 * i + 10);
      return own.indexOf(Math.max(...own));
    });
    const classify = compile(digitClassifier());
    const images = tf.sub(tf.div(tf.tensor(Float32Array.from(pixels), [200, 28, 28, 1]), 127.5), 1);
    expect([...(await classify(images)).dataSync()]).toEqual(named);
    await classify.dispose();
  });

  it("serves for scores because its accuracy is at least 99 %", () => {
    expect(servesForDigits(lenetFile.testAccuracy)).toBe(true);
    expect([0.9899, 0.99, NaN].map(servesForDigits)).toEqual([false, true, false]);
  });

  it("is a file below 1 MB that says how it was made", async () => {
    const path = shippedLenet();
    expect((await stat(path)).size).toBeLessThan(1e6);
    expect(await sha256(await readFile(path))).toBe(lenetFile.sha256);
    expect(lenetFile).toMatchObject({
      experiment: "classifier/mnist-lenet",
      config: { training: { seed: 0, batchSize: 100, averaging: 0.999 }, options: { examples: 60_000 } },
    });
    expect(lenetFile.iteration).toBeGreaterThan(0);
    expect(lenet.protocol).toEqual({
      network: "LeNet of MNIST digits",
      weights: lenetFile.sha256,
      features: "before the classifier, rectified, 84",
      resize: "none at 28 x 28, else clean",
    });
  });
});

describe("distances in its features", () => {
  const count = 2000;
  let train: CollectedFeatures;
  let test: CollectedFeatures;
  let sharp: Uint8Array;
  beforeAll(async () => {
    train = await collected((await digits("train", count)).pixels);
    sharp = (await digits("test", count)).pixels;
    test = await collected(sharp);
  });
  const distance = (ours: CollectedFeatures) => scoreDigits(ours, train, { metrics: ["fd-lenet"], seed: 0 }).fdLenet!;

  it("are small between digits, grow as digits blur, and are large for noise", async () => {
    const floor = distance(test);
    const one = blurred(sharp);
    const two = blurred(one);
    const blurs = [one, two, blurred(blurred(two))];
    const distances = [floor];
    for (const pixels of blurs) distances.push(distance(await collected(pixels)));
    distances.slice(1).forEach((value, i) => expect(value).toBeGreaterThan(distances[i]!));
    const far = distance(await collected(noise(5, count)));
    expect(far).toBeGreaterThan(20 * floor);
    expect(far).toBeGreaterThan(distances[1]!);
  });

  it("do not depend on the size of batches", async () => {
    const { tensors, sha256: hash } = await readWeights(shippedLenet());
    const odd = lenetExtractor(tensors, hash, { batchSize: 37 });
    const again = await collected(sharp.subarray(0, 300 * 784), odd);
    await odd.dispose();
    const differences = again.features!.map((value, i) => Math.abs(value - test.features![i]!));
    expect(differences.reduce((a, b) => Math.max(a, b))).toBeLessThan(1e-4);
  });

  it("stand beside a score near ten for digits of all classes, and kernel and ball scores, each by its own name", () => {
    const stages: string[] = [];
    const metrics = ["fd-lenet", "is-lenet", "kid-lenet", "prdc-lenet"] as const;
    const options = { metrics, seed: 1, kid: { subsets: 5, subsetSize: 500 }, onStage: (s: string) => stages.push(s) };
    const scores = scoreDigits(test, train, options);
    expect(scores.isLenet!.value).toBeGreaterThan(9);
    expect(scores.isLenet!.value).toBeLessThanOrEqual(10);
    expect(scores.isLenet!.value).toBeCloseTo(inceptionScore(test.logits!, 10).value, 0);
    expect(Math.abs(scores.kidLenet!.value)).toBeLessThan(5 * scores.kidLenet!.sd + 0.05);
    expect(scores.prdcLenet![0]!.precision).toBeGreaterThan(0.6);
    expect(Object.keys(scores).sort()).toEqual([
      ...["fdLenet", "isLenet", "kidLenet", "prdcLenet", "protocol", "warnings"],
    ]);
    expect(scores.protocol).toEqual({ generated: test.protocol, reference: train.protocol, seed: 1 });
    expect(stages.filter((text) => !/^(fd|is|kid|prdc)-lenet( |$)/.test(text))).toEqual([]);
    expect(stages).toContain("fd-lenet");
  });

  it("are never called FID, and are no other network's", () => {
    expect(() => scoreImages(test, train, { metrics: ["fid"], seed: 0 })).toThrow(
      /the features are of LeNet of MNIST digits.*scoreDigits/,
    );
    const other = { ...test, protocol: { ...test.protocol, network: "FID Inception (2015-12-05)" } };
    expect(() => scoreDigits(other, train, { metrics: ["fd-lenet"], seed: 0 })).toThrow(/of FID Inception/);
    expect(() => scoreDigits(test, undefined, { metrics: ["fd-lenet"], seed: 0 })).toThrow(/there is no reference/);
  });

  it("warn of fewer digits than features, with the bias", async () => {
    const few = await collected(sharp.subarray(0, 50 * 784));
    const { warnings } = scoreDigits(few, train, { metrics: ["fd-lenet"], seed: 0 });
    expect(warnings).toMatchObject([{ kind: "few-examples" }]);
    expect(warnings[0]!.bias).toBeGreaterThan(0);
  });
});

describe("images for it", () => {
  it("of three equal channels are as grey ones, and colours count by their luma", async () => {
    const grey = (await digits("test", 2)).pixels;
    const colour = (factors: readonly number[]) =>
      Float32Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]! * factors[i % 3]!);
    const rows = async (pixels: Float32Array) =>
      (await lenet.extract([{ pixels, count: 2, height: 28, width: 28, channels: 3 }])).features;
    const { features } = await lenet.extract([{ pixels: grey, count: 2, height: 28, width: 28, channels: 1 }]);
    (await rows(colour([1, 1, 1]))).forEach((value, i) => expect(Math.abs(value - features[i]!)).toBeLessThan(1e-4));
    const green = await rows(colour([0, 1, 0]));
    const dark = await lenet.extract([
      { pixels: Float32Array.from(grey, (byte) => 0.587 * byte), count: 2, height: 28, width: 28, channels: 1 },
    ]);
    green.forEach((value, i) => expect(Math.abs(value - dark.features[i]!)).toBeLessThan(1e-4));
  });

  it("of other sizes are resized: digits of twice the side keep their class", async () => {
    const { pixels, labels } = await digits("test", 200);
    const large = Uint8Array.from({ length: 4 * pixels.length }, (_, at) => {
      const [image, y, x] = [Math.floor(at / 3136), Math.floor((at % 3136) / 56), at % 56];
      return pixels[image * 784 + Math.floor(y / 2) * 28 + Math.floor(x / 2)]!;
    });
    const { logits } = await collectFeatures(
      {
        ...{ description: "large digits", count: 200, quantisation: "uint8" as const },
        batches: () => [{ pixels: large, count: 200, height: 56, width: 56, channels: 1 }],
      },
      lenet,
      { keep: ["logits"] },
    );
    const right = [...labels].filter((label, i) => {
      const own = logits!.subarray(10 * i, 10 * i + 10);
      return own.indexOf(Math.max(...own)) === label;
    });
    expect(right.length).toBeGreaterThan(194);
  });

  it("are refused with pixels that are no numbers or out of range, and alone", async () => {
    const floats = (value: number) => ({
      ...{ pixels: new Float32Array(784).fill(value), count: 1, height: 28, width: 28, channels: 1 },
    });
    await expect(lenet.extract([floats(NaN)])).rejects.toThrow(/pixel 0 of the images is NaN/);
    await expect(lenet.extract([floats(300)])).rejects.toThrow(/expected values in 0 .. 255/);
    await expect(collected(noise(1, 1))).rejects.toThrow(/1 images came, expected at least 2/);
    const { pixels } = await digits("test", 3);
    await expect(classificationAccuracy(lenet, stream(pixels), [1])).rejects.toThrow(/3 images and 1 labels/);
  });

  it("need weights of this network", () => {
    const values = Float32Array.from(uniforms(1, 4));
    const tensors = new Map([["conv1.weight", { shape: [2, 2], strides: [2, 1], offset: 0, values }]]);
    expect(() => lenetExtractor(tensors, "abc")).toThrow(/conv1.weight has shape \[2,2\], expected \[5,5,1,20\]/);
    expect(() => lenetExtractor(new Map(), "abc")).toThrow(/no conv1.weight, expected the arrays of the classifier/);
  });
});
