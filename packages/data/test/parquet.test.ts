/** Parquet files written by pyarrow (fixtures/parquet.py) as images, texts and columns. */
import "@tensorflow/tfjs-backend-cpu";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { images, parquetColumns, parquetImages, readParquetTexts } from "../src/entries/node.js";

const fixtures = fileURLToPath(new URL("fixtures/", import.meta.url));
const columns = join(fixtures, "columns.parquet");
const parts = ["pictures-00000-of-00002.parquet", "pictures-00001-of-00002.parquet"] as const;
const pictures = { from: fixtures, split: "pictures", scale: [0, 255] as const };

let folder = "";
beforeAll(async () => {
  await tf.setBackend("cpu");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parquet-"));
});
afterEach(() => rm(folder, { recursive: true }));

const put = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) await cp(join(fixtures, name), join(folder, name));
};

describe("pictures in Parquet files", () => {
  /** Picture i has the grey 10 i + row + column; this is its middle, 4 x 4. */
  const middle = (i: number): number[] =>
    Array.from({ length: 16 }, (_, place) => 10 * i + Math.floor(place / 4) + (place % 4) + 1);

  it.each(["image", "raw"])("come from all files and row groups in order: %s", async (column) => {
    const data = await parquetImages({ ...pictures, column, size: 4, grey: true }).load();
    expect(data.description).toBe(`pictures in 5 rows of ${fixtures}, 4 x 4 x 1`);
    expect([...data.images(0, 5)]).toEqual([0, 1, 2, 3, 4].flatMap(middle));
    expect(data.reduced).toEqual({});
  });

  it("have labels with the names that the Hub wrote into the file, in batches", async () => {
    const data = await parquetImages({ ...pictures, size: 4, grey: true, labels: "label", limit: 4 }).load();
    expect(data.classes).toEqual(["cat", "dog"]);
    expect([...data.labels(0, 4)]).toEqual([0, 1, 0, 1]);
    const batch = data.batches({ batchSize: 4, key: random.key(1) }).at(0);
    const numbers = [...tf.slice(batch.images, [0, 0, 0, 0], [4, 1, 1, 1]).dataSync()].map((grey) => (grey - 1) / 10);
    expect([...numbers].sort()).toEqual([0, 1, 2, 3]);
    expect([...batch.labels.dataSync()]).toEqual(numbers.map((i) => i % 2));
    tf.dispose(batch);
  });

  it("take the options of folders of pictures, with the same pixels", async () => {
    const { openParquet } = await import("../src/parquet/table.js");
    const { pictureColumn } = await import("../src/parquet/column-type.js");
    const table = await openParquet({ folder: fixtures, names: parts }, { raw: pictureColumn });
    let next = 0;
    for await (const { values } of table.read(["raw"], 5))
      for (const raw of Array.from(values.raw)) await writeFile(join(folder, `${next++}.png`), raw as Uint8Array);
    for (const crop of ["center", "shorter-side", "none", { top: 1, left: 2, height: 3, width: 4 }] as const) {
      const options = { size: 3, crop, limit: 4 };
      expect((await parquetImages({ ...pictures, ...options }).load()).all()).toEqual(
        (await images({ from: folder, scale: [0, 255], ...options }).load()).all(),
      );
    }
  });

  it("are decoded once where pixels are cached, and again for other columns, limits and files", async () => {
    await put(...parts);
    const load = async (more: object = {}) => {
      let decoded = 0;
      const onProgress = () => (decoded += 1);
      const options = { ...pictures, from: folder, size: 2, cache: join(folder, "cache"), onProgress, ...more };
      return [[...(await parquetImages(options).load()).all().images], decoded] as const;
    };
    const [first, decoded] = await load();
    expect(decoded).toBe(5);
    expect(await load()).toEqual([first, 0]);
    expect((await load({ column: "raw" }))[1]).toBe(5);
    expect(await load({ limit: 3 })).toEqual([first.slice(0, 3 * 12), 3]);
    await writeFile(join(folder, parts[0]), await readFile(join(fixtures, parts[0])));
    expect(await load()).toEqual([first, 5]);
    expect(await readdir(join(folder, "cache"))).toHaveLength(4);
  });

  it("are refused where a column holds something else, a window is too large, or there are fewer rows", async () => {
    const load = (more: object) => parquetImages({ ...pictures, size: 2, ...more }).load();
    await expect(load({ column: "img" })).rejects.toThrow(
      /pictures-00000-of-00002\.parquet has no column img, expected one of image, label, raw$/,
    );
    await expect(load({ column: "label" })).rejects.toThrow(/holds whole numbers, expected bytes or picture/);
    await expect(load({ labels: "raw" })).rejects.toThrow(/holds bytes, expected text or whole numbers/);
    await expect(load({ crop: { top: 2, left: 0, height: 3, width: 3 } })).rejects.toThrow(
      /^row \d of .*pictures-00000-of-00002\.parquet is 4 pixels high and 6 wide/,
    );
    await expect(load({ limit: 6 })).rejects.toThrow(/^limit is 6, .*there are 5 rows/);
    expect(() => parquetImages({ from: "", size: 2 })).toThrow(/^from is "", expected the path of a Parquet file/);
    expect(() => parquetImages({ from: "a", size: 0 })).toThrow(/^size is 0/);
  });
});

it("values without a picture's bytes, or that are not UTF-8, are refused", async () => {
  const from = join(fixtures, "unembedded.parquet");
  await expect(parquetImages({ from, size: 2 }).load()).rejects.toThrow(
    /^row 0 of .*unembedded\.parquet has the path a\.png and no bytes of a picture, expected encoded bytes/,
  );
  await expect(readParquetTexts({ from })).rejects.toThrow(/unembedded\.parquet cannot be read \(.*not valid/);
});

describe("files of a data set", () => {
  const load = (more: object = {}) => parquetImages({ from: folder, size: 2, ...more }).load();
  const url = "https://example.org/set";

  it("are named when they are missing, with where they come from and where they go", async () => {
    await expect(load({ url })).rejects.toThrow(
      `${folder} has no file that ends in .parquet, expected the files of the data set; get it from ${url} and put it into ${folder}`,
    );
    await expect(load({ from: join(folder, "none"), url })).rejects.toThrow(
      /none cannot be read .*expected a Parquet file or a folder of them; get the files from https:.*set and put them there/,
    );
    await put(parts[1]);
    await expect(load()).rejects.toThrow(
      /has no pictures-00000-of-00002\.parquet, expected all parts of the split; get it from where .*Hugging Face Hub.* and put it into/,
    );
    await expect(load({ split: "train" })).rejects.toThrow(
      /has no Parquet file of the split "train", expected one of pictures/,
    );
  });

  it("are those of one split", async () => {
    await put(...parts);
    await cp(join(fixtures, parts[0]), join(folder, "test-00000-of-00001.parquet"));
    await expect(load()).rejects.toThrow(/has files of the splits pictures, test, expected one split; choose it by/);
    expect((await load({ split: "test" })).size).toBe(3);
    const plain = join(folder, "plain");
    await cp(join(fixtures, parts[0]), join(plain, "train.parquet"));
    await cp(join(fixtures, parts[1]), join(plain, "test.parquet"));
    await expect(load({ from: plain })).rejects.toThrow(/has files of the splits test, train, expected one split/);
    expect((await load({ from: plain, split: "train" })).size).toBe(3);
    expect((await load({ from: join(folder, parts[1]) })).size).toBe(2);
    await expect(load({ from: join(folder, parts[1]), split: "test" })).rejects.toThrow(
      /^split is "test" and .* is a file/,
    );
  });

  it("have the same columns", async () => {
    await mkdir(join(folder, "mixed"));
    await cp(columns, join(folder, "mixed", "a.parquet"));
    await cp(join(fixtures, parts[0]), join(folder, "mixed", "b.parquet"));
    await expect(parquetColumns({ from: join(folder, "mixed"), columns: ["count"] }).load()).rejects.toThrow(
      /b\.parquet has no column count, expected one of image, label, raw/,
    );
  });
});

describe("texts in Parquet files", () => {
  it("are the words of rows, with classes by name", async () => {
    expect(await readParquetTexts({ from: columns, labels: "mood" })).toEqual({
      sentences: [["one", "two"], ["Grüße", "an", "alle"], ["one"]],
      labels: Int32Array.of(1, 0, 1),
      classes: ["bad", "good"],
    });
  });

  it("have classes by number, or none", async () => {
    const sentences = [["good"], ["bad"], ["bad"], ["good"]];
    expect(await readParquetTexts({ from: columns, column: "mood" })).toEqual({ sentences });
    expect(await readParquetTexts({ from: columns, column: "mood", labels: "small" })).toEqual({
      sentences,
      labels: Int32Array.of(1, 2, 3, 250),
    });
    await expect(readParquetTexts({ from: columns, column: "mood", labels: "count" })).rejects.toThrow(
      /^count is -8n in row 1 of .*columns\.parquet, expected a whole number from 0 to 2147483647/,
    );
  });
});

describe("columns in Parquet files", () => {
  it("are batches of their types: whole numbers, numbers, classes, lists", async () => {
    const names = ["count", "small", "yes", "weight", "half", "point", "grid", "mood"] as const;
    const data = await parquetColumns({ from: columns, columns: names }).load();
    expect([data.size, data.description, data.classes]).toEqual([4, `4 rows of ${columns}`, { mood: ["bad", "good"] }]);
    const batch = data.take(Int32Array.of(3, 0));
    const found = Object.entries(batch).map(([name, { dtype, shape }]) => [
      ...[name, dtype, shape.join("x")],
      [...batch[name as "count"].dataSync()],
    ]);
    expect(found).toEqual([
      ["count", "int32", "2", [2 ** 31 - 1, 7]],
      ["small", "int32", "2", [250, 1]],
      ["yes", "int32", "2", [1, 1]],
      ["weight", "float32", "2", [3, 0.5]],
      ["half", "float32", "2", [-3.5, 0.5]],
      ["point", "float32", "2x2", [7, 8, 1, 2]],
      ["grid", "int32", "2x1x2", [3, 4, 0, 1]],
      ["mood", "int32", "2", [1, 1]],
    ]);
    tf.dispose(batch);
  });

  it("have the same classes whatever the limit", async () => {
    const { size, classes } = await parquetColumns({ from: columns, columns: ["mood"], limit: 1 }).load();
    expect([size, classes]).toEqual([1, { mood: ["bad", "good"] }]);
  });

  it("may be the first rows, and have names of classes from the Hub", async () => {
    const data = await parquetColumns({ ...pictures, columns: ["label"], limit: 4 }).load();
    expect([data.size, data.classes]).toEqual([4, { label: ["cat", "dog"] }]);
  });

  it.each<[string, RegExp]>([
    ["gaps", /^row 1 of .*columns\.parquet has no value in the column gaps, expected one in every row/],
    ["ragged", /^ragged has the shape \[2\] in row 1 of .*, expected \[1\], as in the first row/],
    ["wide", /^wide is 2147483648n in row 3 of .*, expected a whole number/],
    ["huge", /^huge is 1e\+39 in row 1 of .*, expected a finite number of float32/],
    ["day", /^the column day of .* holds date, expected numbers, lists of numbers or text/],
    ["none", /has no column none, expected one of text, mood, count, small, yes, weight, half, point, grid, ragged/],
  ])("are refused: %s", async (name, message) => {
    await expect(parquetColumns({ from: columns, columns: [name] }).load()).rejects.toThrow(message);
  });

  it("are asked for by name", () => {
    expect(() => parquetColumns({ from: columns, columns: [] })).toThrow(/^columns is \[\], expected names of columns/);
    expect(() => parquetColumns({ from: columns, columns: ["count"], limit: 0 })).toThrow(/^limit is 0/);
  });

  it("are read from other codecs with the package that unpacks them", async () => {
    const data = await parquetColumns({ from: join(fixtures, "zstd.parquet"), columns: ["number"] }).load();
    const batch = data.take(Int32Array.of(0));
    expect([...batch.number.dataSync()]).toEqual([3]);
    tf.dispose(batch);
  });
});

describe("damaged Parquet files", () => {
  const load = (from: string) =>
    parquetColumns({ from, columns: ["text", "count", "weight", "point"] })
      .load()
      .then(
        () => undefined,
        (error: Error) => `${error.name}: ${error.message}`,
      );

  it("are refused when they are cut short, empty, or of another kind", async () => {
    const whole = await readFile(columns);
    const path = join(folder, "a.parquet");
    for (const bytes of [
      whole.subarray(0, -1),
      whole.subarray(0, 2000),
      whole.subarray(9),
      new Uint8Array(0),
      Buffer.from("PAR1"),
      Buffer.from("text of a page"),
    ]) {
      await writeFile(path, bytes);
      expect(await load(path)).toMatch(/^ValidationError: .*a\.parquet/);
    }
  });

  it("are refused by a ValidationError whichever byte is wrong, or give rows", async () => {
    const whole = await readFile(columns);
    const path = join(folder, "a.parquet");
    let refused = 0;
    for (let place = 0; place < whole.length; place += 19) {
      await writeFile(
        path,
        Uint8Array.from(whole, (byte, i) => (i === place ? byte ^ 0xff : byte)),
      );
      const message = await load(path);
      if (message !== undefined) refused += 1;
      expect([place, message ?? "ValidationError: "]).toEqual([place, expect.stringMatching(/^ValidationError: /)]);
    }
    expect(refused).toBeGreaterThan(50);
  });
});
