/** Image translators: published sizes, the shape of the output and any side. */
import { imageTranslator, type ImageTranslatorOptions } from "@ergodic/generators";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, ValidationError } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine("onnx"));

const key = random.key("translator");
const small = { width: 4, halvings: 1, blocks: 1, outerKernel: 3 } as const;
const count = (options: ImageTranslatorOptions): number => tree.sizeOf(imageTranslator(options).init(key));

describe("imageTranslator", () => {
  it("has the published numbers of parameters", () => {
    // arXiv 2103.04285's code at 256 x 256: 9 blocks of 256 channels.
    expect(imageTranslator({ in: 3, out: 3, doubling: "transposed" }).parameterCount).toBe(11_388_675);
    const digits = { in: 1, out: 1, width: 16, blocks: 2, halvings: 1, outerKernel: 3, halvingKernel: 4 };
    expect(imageTranslator(digits).parameterCount).toBe(50_529);
    expect(count(digits)).toBe(50_529);
    const colours = { in: 1, out: 3, width: 8, doubling: "transposed" } as const;
    expect(count(colours)).toBe(imageTranslator(colours).parameterCount);
    const none = { in: 2, out: 2, width: 4, halvings: 0, blocks: 0 };
    expect(count(none)).toBe(imageTranslator(none).parameterCount);
  });

  it.each([
    ["mirror", "nearest", 8, 12],
    ["mirror", "transposed", 8, 8],
    ["zeros", "nearest", 7, 9],
    ["mirror", "nearest", 5, 6],
  ] as const)("keeps the sides, border %s, doubling %s, %i x %i", async (border, doubling, height, width) => {
    const translator = imageTranslator({ in: 2, out: 3, width: 4, blocks: 1, outerKernel: 3, border, doubling });
    const images = random.normal(random.key("images"), [2, height, width, 2]);
    const made = await compile(translator.apply)(translator.init(key), images);
    expect(made.shape).toEqual([2, height, width, 3]);
    expect(Math.max(...made.dataSync().map(Math.abs))).toBeLessThan(1);
  });

  it("draws dropout while learning only", async () => {
    const translator = imageTranslator({ in: 1, out: 1, ...small, dropout: 0.5 });
    const params = translator.init(key);
    const images = random.normal(random.key("images"), [1, 8, 8, 1]);
    const learned = (seed: number) => [...translator.apply(params, images, { key: random.key(seed) }).dataSync()];
    expect(learned(0)).toEqual(learned(0));
    expect(learned(0)).not.toEqual(learned(1));
    expect([...translator.apply(params, images).dataSync()]).toEqual([...translator.apply(params, images).dataSync()]);
  });

  it.each([
    [{ in: 0, out: 1 }, /in is 0/],
    [{ in: 1, out: 1, outerKernel: 4 }, /outerKernel is 4/],
    [{ in: 1, out: 1, blocks: -1 }, /blocks is -1/],
    [{ in: 1, out: 1, dropout: 1 }, /dropout is 1/],
  ])("refuses wrong options (%#)", (options, message) => {
    expect(() => imageTranslator(options)).toThrow(ValidationError);
    expect(() => imageTranslator(options)).toThrow(message);
  });

  it("refuses images of other channels", () => {
    const translator = imageTranslator({ in: 1, out: 1, ...small });
    expect(() => translator.apply(translator.init(key), tf.zeros([1, 8, 8, 3]))).toThrow(/imageTranslator has shape/);
  });
});
