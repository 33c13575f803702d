/** CIFAR, SVHN, Fashion-MNIST and Kuzushiji-MNIST from small files of their formats. */
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { formatIdx } from "@ergodic/formats";
import { writeNpz } from "@ergodic/formats/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cifar10, cifar100, fashionMnist, kuzushijiMnist, svhn } from "../src/entries/node.js";

let from = "";
beforeEach(async () => {
  from = await mkdtemp(join(tmpdir(), "published-"));
});
afterEach(() => rm(from, { recursive: true }));

async function put(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(from, name)), { recursive: true });
    await writeFile(join(from, name), content);
  }
}

const scale = [0, 255] as const;
/** Red is 3 row + 5 column + base, green 40 more, blue 80 more, modulo 256. */
const pixel = (base: number, row: number, column: number, colour: number): number =>
  (3 * row + 5 * column + 40 * colour + base) % 256;
/** The planes of the colours one after the other, row by row. */
const planes = (base: number): number[] =>
  Array.from({ length: 3072 }, (_, i) => pixel(base, Math.floor(i / 32) % 32, i % 32, Math.floor(i / 1024)));
/** The colours of each pixel side by side. */
const mixed = (base: number): number[] =>
  Array.from({ length: 3072 }, (_, i) => pixel(base, Math.floor(i / 96), Math.floor(i / 3) % 32, i % 3));

describe("CIFAR-10", () => {
  const batches = (folder = "") =>
    Object.fromEntries(
      [1, 2, 3, 4, 5].map((part) => [`${folder}data_batch_${part}.bin`, Uint8Array.of(part, ...planes(part))]),
    );

  it("is the five training files in order, with colours side by side and the names of its classes", async () => {
    const names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    await put({
      ...batches("cifar-10-batches-bin/"),
      "cifar-10-batches-bin/batches.meta.txt": `${names.join("\n")}\n\n`,
    });
    const data = await cifar10({ from, scale }).load();
    expect(data.description).toBe("CIFAR-10 train: 5 images, 32 x 32 x 3");
    expect(data.classes).toEqual(names);
    expect([...data.labels(0, 5)]).toEqual([1, 2, 3, 4, 5]);
    expect([...data.images(0, 5)]).toEqual([1, 2, 3, 4, 5].flatMap(mixed));
  });

  it("has its test images in one file, and takes the first of them", async () => {
    await put({ "test_batch.bin": Uint8Array.of(9, ...planes(7), 0, ...planes(8)) });
    const data = await cifar10({ from, split: "test", scale, limit: 1 }).load();
    expect([data.size, ...data.labels(0, 1)]).toEqual([1, 9]);
    expect(data.classes).toBeUndefined();
    expect([...data.images(0, 1)]).toEqual(mixed(7));
  });

  it("says which file is missing, where it comes from and where it goes", async () => {
    const { "data_batch_3.bin": _, ...others } = batches();
    await put(others);
    await expect(cifar10({ from }).load()).rejects.toThrow(
      /has no data_batch_3\.bin, expected that file of CIFAR-10; get it from https:\/\/www\.cs\.toronto\.edu.*\.tar\.gz and unpack it into /,
    );
    expect(() => cifar10({ from: "" })).toThrow(
      /^from is "", expected the path of the folder with the files of CIFAR-10; get/,
    );
  });

  it("refuses files that are cut short, empty, or hold other labels", async () => {
    for (const [content, message] of [
      [planes(0), /test_batch\.bin has 3072 bytes, expected records of 3073 bytes/],
      [[], /has 0 bytes/],
      [[10, ...planes(0)], /example 0 of .*test_batch\.bin has the label 10, expected 0 \.\. 9/],
    ] as const) {
      await put({ "test_batch.bin": Uint8Array.from(content) });
      await expect(cifar10({ from, split: "test" }).load()).rejects.toThrow(message);
    }
  });
});

describe("CIFAR-100", () => {
  it("has fine and coarse labels", async () => {
    await put({ "cifar-100-binary/train.bin": Uint8Array.of(19, 99, ...planes(1), 0, 3, ...planes(2)) });
    const fine = await cifar100({ from, scale }).load();
    expect([...fine.labels(0, 2)]).toEqual([99, 3]);
    expect([...fine.images(0, 2)]).toEqual([...mixed(1), ...mixed(2)]);
    expect([...(await cifar100({ from, labels: "coarse" }).load()).labels(0, 2)]).toEqual([19, 0]);
    expect(() => cifar100({ from, labels: "both" as never })).toThrow(/^labels is "both"/);
  });
});

describe("SVHN", () => {
  // scipy.io.savemat(file, {"X": X, "y": y}, do_compression=True), where X[:, :, c, n] = (3 row + 5
  // column + 40 c + 100 n) % 256 are bytes. "two" has y = [[10], [7]] as bytes. "one" has y =
  // [[10]] as doubles, no side for its single image, and another array.
  const files = JSON.parse(readFileSync(new URL("svhn-files.json", import.meta.url), "utf8")) as Record<string, string>;
  const file = (name: string): Uint8Array => Buffer.from(files[name]!, "base64");

  it("is read from MATLAB's files, and its tens are zeros", async () => {
    await put({ "train_32x32.mat": file("two"), "extra_32x32.mat": file("one") });
    const data = await svhn({ from, scale }).load();
    expect(data.description).toBe("SVHN train: 2 images, 32 x 32 x 3");
    expect([...data.labels(0, 2)]).toEqual([0, 7]);
    expect([...data.images(0, 2)]).toEqual([...mixed(0), ...mixed(100)]);
    const extra = await svhn({ from, split: "extra", scale }).load();
    expect([extra.size, ...extra.labels(0, 1)]).toEqual([1, 0]);
    expect([...extra.images(0, 1)]).toEqual(mixed(0));
  });

  it.each([
    ["last", [32, 32, 3, 2], [2, 1]],
    ["first", [2, 32, 32, 3], [2]],
  ])("is read from NumPy's archives with the images %s", async (_, shape, labels) => {
    const images = [...mixed(0), ...mixed(100)];
    const values = Uint8Array.from(images, (_, at) =>
      shape[0] === 2 ? images[at]! : images[(at % 2) * 3072 + Math.floor(at / 2)]!,
    );
    await writeNpz(join(from, "extra_32x32.npz"), {
      X: { shape, values },
      y: { shape: labels, values: Uint8Array.of(10, 7) },
    });
    const data = await svhn({ from, split: "extra", scale }).load();
    expect([...data.labels(0, 2)]).toEqual([0, 7]);
    expect([...data.images(0, 2)]).toEqual(images);
    await writeNpz(join(from, "extra_32x32.npz"), {
      X: { shape: [3, 32, 32, 2], values },
      y: { shape: [2], values: Uint8Array.of(1, 2) },
    });
    await expect(svhn({ from, split: "extra" }).load()).rejects.toThrow(
      /X in .* has shape \[3,32,32,2\], expected bytes/,
    );
  });

  it("says what is missing, or wrong with a file", async () => {
    await expect(svhn({ from, split: "test" }).load()).rejects.toThrow(
      /has no test_32x32\.mat, expected one of test_32x32\.mat, test_32x32\.npz; get it from http:\/\/ufldl\.stanford\.edu\/housenumbers/,
    );
    const whole = file("two");
    for (const [content, message] of [
      [whole.subarray(0, 100), /is no MATLAB file of version 5 to 7/],
      [whole.subarray(0, 300), /is damaged \(an element is longer than the file\)/],
      [whole.subarray(0, 725), /has no array of numbers y, expected arrays X and y/],
      [whole.map((byte, i) => (i === 200 ? byte ^ 0xff : byte)), /does not unpack/],
      [
        Buffer.concat([Buffer.from("MATLAB 7.3 MAT-file".padEnd(126)), Buffer.from("IM")]),
        /is a MATLAB file of version 7\.3/,
      ],
      [whole.subarray(0, 128), /has no array of numbers X/],
    ] as const) {
      await put({ "test_32x32.mat": content });
      await expect(svhn({ from, split: "test" }).load()).rejects.toThrow(message);
    }
  });

  it("ends no other way than in a message, wherever a file is cut", { timeout: 60_000 }, async () => {
    const whole = file("two");
    for (let length = 0; length < whole.length; length += 13) {
      await put({ "test_32x32.mat": whole.subarray(0, length) });
      await expect(svhn({ from, split: "test" }).load()).rejects.toMatchObject({ name: "ValidationError" });
    }
  });
});

describe.each([
  ["Fashion-MNIST", fashionMnist, "T-shirt/top"],
  ["Kuzushiji-MNIST", kuzushijiMnist, "o"],
] as const)("%s", (name, source, first) => {
  it("is read from its IDX files", async () => {
    const bytes = Uint8Array.from({ length: 2 * 784 }, (_, i) => i % 251);
    await put({
      "t10k-images-idx3-ubyte.gz": gzipSync(formatIdx({ type: "uint8", shape: [2, 28, 28], values: bytes })),
      "t10k-labels-idx1-ubyte": formatIdx({ type: "uint8", shape: [2], values: Uint8Array.of(0, 9) }),
    });
    const data = await source({ from, split: "test", scale }).load();
    expect(data.description).toBe(`${name} test: 2 images, 28 x 28 x 1`);
    expect([data.classes?.length, data.classes?.[0]]).toEqual([10, first]);
    expect([...data.images(0, 2)]).toEqual([...bytes]);
    await put({ "t10k-labels-idx1-ubyte": formatIdx({ type: "uint8", shape: [2], values: Uint8Array.of(0, 10) }) });
    await expect(source({ from, split: "test" }).load()).rejects.toThrow(
      /example 1 has the label 10, expected 0 \.\. 9/,
    );
    await expect(source({ from }).load()).rejects.toThrow(
      new RegExp(`has no train-images-idx3-ubyte, expected one of train-images-idx3-ubyte, .*; get it from http`),
    );
    expect(() => source({ from, split: "extra" as never })).toThrow(/^split is "extra"/);
  });
});
