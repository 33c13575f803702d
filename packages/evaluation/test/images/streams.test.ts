import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeNpz } from "@ergodic/formats/node";
import { generatedImages, imageArray, pixelsOf, type ImageStream } from "../../src/entries/images.js";
import { arrayPlace, imagesInNpz, imagesInSafetensors } from "../../src/entries/node.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "images-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes a safetensors file of these arrays and returns its path. */
async function safetensors(
  name: string,
  arrays: Record<string, { dtype: string; shape: number[]; values: Uint8Array | Float32Array }>,
): Promise<string> {
  let at = 0;
  const header = Object.entries(arrays).map(([key, { dtype, shape, values }]) => {
    at += values.byteLength;
    return [key, { dtype, shape, data_offsets: [at - values.byteLength, at] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const numbers = Object.values(arrays).map(({ values }) => Buffer.from(values.buffer));
  await writeFile(join(folder, `${name}.safetensors`), Buffer.concat([length, text, ...numbers]));
  return join(folder, `${name}.safetensors`);
}

async function all(stream: ImageStream) {
  const batches = [];
  for await (const batch of stream.batches()) batches.push(batch);
  return batches;
}

describe("pixels", () => {
  const shape = [1, 1, 4, 1] as const;

  it("are rounded to bytes, or left as floats", () => {
    const values = [-1, 0, 0.5, 1];
    expect(pixelsOf(values, shape, { range: [-1, 1] }).pixels).toEqual(Uint8Array.of(0, 128, 191, 255));
    const kept = pixelsOf(values, shape, { range: [-1, 1], quantisation: "none" });
    expect(kept.pixels).toEqual(Float32Array.of(0, 127.5, 191.25, 255));
  });

  it("outside the range are refused, or cut where that is asked for", () => {
    expect(() => pixelsOf([0, 1.5, 0, -1.2], shape, { range: [-1, 1] })).toThrow(
      /pixel 1 of the images is 1.5 \(all lie in -1.2 .. 1.5\), expected values in -1 .. 1; state the right range, or cut/,
    );
    expect(pixelsOf([0, 1.5, 0, -1.2], shape, { range: [-1, 1], clip: true }).pixels).toEqual(
      Uint8Array.of(128, 255, 128, 0),
    );
    expect(pixelsOf([0, 1 + 1e-7, 0, 0], shape, { range: [0, 1] }).pixels[1]).toBe(255);
  });

  it("that are not finite are refused even where they would be cut", () => {
    for (const bad of [NaN, Infinity])
      expect(() => pixelsOf([0, bad, 0, 0], shape, { range: [0, 1], clip: true })).toThrow(/pixel 1 of the images is/);
  });

  it("must fit their shape, of 1 or 3 channels", () => {
    expect(() => pixelsOf([0, 0], shape, { range: [0, 1] })).toThrow(/2 pixels, expected 4/);
    expect(() => pixelsOf([0, 0, 0, 0], [1, 1, 1, 4], { range: [0, 1] })).toThrow(/4 channels.*transparency/);
  });
});

describe("the place of an array", () => {
  it.each([
    ["mnist.npz:x_train", { path: "mnist.npz", name: "x_train" }],
    ["C:\\data\\mnist.NPZ:x_train", { path: "C:\\data\\mnist.NPZ", name: "x_train" }],
    ["a/b.safetensors:block/0:images", { path: "a/b.safetensors", name: "block/0:images" }],
    ["C:\\data\\mnist.npz", { path: "C:\\data\\mnist.npz" }],
    ["C:\\data", { path: "C:\\data" }],
    ["mnist.npz:", { path: "mnist.npz:" }],
    ["mnist.npz", { path: "mnist.npz" }],
    ["folder:name", { path: "folder:name" }],
  ])("in %s", (text, place) => {
    expect(arrayPlace(text)).toEqual(place);
  });
});

describe("streams of images", () => {
  it("from arrays come in order, and floats need a range", async () => {
    const bytes = Uint8Array.from({ length: 120 * 4 }, (_, i) => i % 251);
    const batches = await all(imageArray(bytes, [120, 2, 2, 1]));
    expect(batches.map(({ count }) => count)).toEqual([50, 50, 20]);
    expect(batches.flatMap(({ pixels }) => [...pixels])).toEqual([...bytes]);
    expect(() => imageArray(new Float32Array(4), [1, 2, 2, 1])).toThrow(/no stated range/);
  });

  it("from npz files name the array", async () => {
    const path = join(folder, "samples.npz");
    const images = { shape: [2, 1, 1, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    await writeNpz(path, { arr_0: images, labels: { shape: [2], values: Int32Array.of(0, 1) } });
    const [batch] = await all(await imagesInNpz(path));
    expect(batch!.pixels).toEqual(images.values);
    await expect(imagesInNpz(path, "labels")).rejects.toThrow(/labels in .* is int32 of shape \[2\], expected bytes/);
  });

  it("from files of several arrays are chosen by name, in the path too, and listed where they are not", async () => {
    const path = join(folder, "mnist.npz");
    const digits = { shape: [3, 4, 5], values: Uint8Array.from({ length: 60 }, (_, i) => i) };
    await writeNpz(path, {
      x_train: digits,
      y_train: { shape: [3], values: Uint8Array.of(5, 0, 4) },
      x_test: { shape: [1, 4, 5], values: digits.values.slice(0, 20) },
    });
    await expect(imagesInNpz(path)).rejects.toThrow(
      /mnist\.npz has 3 arrays: x_train uint8 \[3,4,5\], y_train uint8 \[3\], x_test uint8 \[1,4,5\], expected one array, or one called arr_0; choose one by its name, as in .*mnist\.npz:x_train$/,
    );
    // Images without an axis of channels are grey.
    for (const stream of [await imagesInNpz(path, "x_train"), await imagesInNpz(`${path}:x_train`)]) {
      expect(stream).toMatchObject({
        count: 3,
        description: expect.stringMatching(/^3 images of 4 x 5 x 1 \(x_train/) as string,
      });
      expect(await all(stream)).toEqual([{ pixels: digits.values, count: 3, height: 4, width: 5, channels: 1 }]);
    }
    expect((await imagesInNpz(`${path}:x_test`)).count).toBe(1);
    await expect(imagesInNpz(`${path}:x`)).rejects.toThrow(
      /mnist\.npz has no array x, expected one of x_train, y_train, x_test/,
    );
    await expect(imagesInNpz(`${path}:y_train`)).rejects.toThrow(
      /y_train in .* has shape \[3\], expected \[count,height,width,channels\] or/,
    );
  });

  it.each<[string, number[], RegExp]>([
    ["one colour image", [32, 32, 3], /has shape \[32,32,3\], expected .*; a single image is array\[None\]/],
    [
      "channels first",
      [2, 1, 28, 28],
      /has shape \[2,1,28,28\], .*move the channels to the end: numpy\.moveaxis\(array, 1, -1\)/,
    ],
    ["a matrix", [4, 4], /has shape \[4,4\], expected \[count,height,width,channels\]/],
    ["none of them", [0, 4, 4], /count is 0, expected an integer >= 1/],
  ])("in arrays of %s are refused", async (name, shape, message) => {
    const path = join(folder, `${name}.npz`);
    await writeNpz(path, { a: { shape, values: new Uint8Array(shape.reduce((product, side) => product * side, 1)) } });
    await expect(imagesInNpz(path)).rejects.toThrow(message);
  });

  it("of 16-bit floats are read in their range", async () => {
    const path = await safetensors("halves", {
      images: { dtype: "BF16", shape: [1, 1, 3], values: Uint8Array.of(0x80, 0xbf, 0x00, 0x00, 0x80, 0x3f) },
    });
    // -1, 0 and 1.
    const [batch] = await all(await imagesInSafetensors(path, undefined, { range: [-1, 1] }));
    expect(batch).toEqual({ pixels: Uint8Array.of(0, 128, 255), count: 1, height: 1, width: 3, channels: 1 });
    await expect(imagesInSafetensors(path)).rejects.toThrow(/no stated range/);
  });

  it("from safetensors files are read as they are needed, bytes or floats", async () => {
    const values = Uint8Array.from({ length: 120 * 12 }, (_, i) => i % 251);
    const shape = [120, 2, 2, 3];
    const bytes = await imagesInSafetensors(await safetensors("bytes", { images: { dtype: "U8", shape, values } }));
    expect(bytes).toMatchObject({ count: 120, quantisation: "uint8" });
    expect(bytes.description).toMatch(/^120 images of 2 x 2 x 3 \(images in .*bytes\.safetensors\)$/);
    const batches = await all(bytes);
    expect(batches.map(({ count }) => count)).toEqual([50, 50, 20]);
    expect(batches.flatMap(({ pixels }) => [...pixels])).toEqual([...values]);
    const floats = Float32Array.from(values, (value) => value / 127.5 - 1);
    const path = await safetensors("floats", {
      x: { dtype: "F32", shape, values: floats },
      y: { dtype: "F32", shape: [1], values: floats.slice(0, 1) },
    });
    const read = await all(await imagesInSafetensors(path, "x", { range: [-1, 1] }));
    expect(read.flatMap(({ pixels }) => [...pixels])).toEqual([...values]);
    await expect(imagesInSafetensors(path, "x")).rejects.toThrow(/no stated range/);
    await expect(imagesInSafetensors(path)).rejects.toThrow(
      /has 2 arrays: x float32 \[120,2,2,3\], y float32 \[1\], expected one array, or one called images/,
    );
  });

  it("in files whose channels come first are refused before anything is read", async () => {
    const values = new Uint8Array(2 * 3 * 8 * 8);
    const path = await safetensors("torch", { images: { dtype: "U8", shape: [2, 3, 8, 8], values } });
    await expect(imagesInSafetensors(path)).rejects.toThrow(/has shape \[2,3,8,8\], expected .*channels to the end/);
    const alpha = await safetensors("alpha", { images: { dtype: "U8", shape: [6, 8, 2, 4], values } });
    await expect(imagesInSafetensors(alpha)).rejects.toThrow(/4 channels.*transparency/);
  });

  it("from a model ask for equal batches and drop what is too much", async () => {
    const asked: number[][] = [];
    const stream = generatedImages({
      ...{ count: 5, batchSize: 2, description: "a model", range: [0, 1] },
      sample: (size, index) => {
        asked.push([size, index]);
        return Promise.resolve({ values: new Float32Array(size * 3).fill(index / 2), shape: [size, 1, 1, 3] });
      },
    });
    const batches = await all(stream);
    expect(asked).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
    ]);
    expect(batches.map(({ count, pixels }) => [count, pixels[0]])).toEqual([
      [2, 0],
      [2, 128],
      [1, 255],
    ]);
  });
});
