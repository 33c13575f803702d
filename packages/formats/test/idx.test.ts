/** IDX files: arrays of every type, shapes, compression, and damaged files. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ValidationError } from "@ergodic/tensor";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readIdx } from "../src/entries/node.js";
import { formatIdx, parseIdx } from "../src/index.js";
import { idxBytes } from "./idx-bytes.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "idx-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("parseIdx", () => {
  it("reads what was written, whatever the shape", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }), (shape) => {
        const content = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * 37) % 256);
        const { type, shape: found, values } = parseIdx(idxBytes(0x08, shape, content), "f");
        expect({ type, found, values: [...values] }).toEqual({ type: "uint8", found: shape, values: [...content] });
      }),
    );
  });

  it("reads from the middle of a buffer", () => {
    const file = idxBytes(0x08, [2], Uint8Array.of(7, 9));
    const padded = new Uint8Array(file.length + 3);
    padded.set(file, 3);
    expect([...parseIdx(padded.subarray(3), "f").values]).toEqual([7, 9]);
  });

  it.each<[string, number, number, (view: DataView) => void, number[]]>([
    ["int8", 0x09, 1, (v) => [-1, 5].forEach((x, i) => v.setInt8(i, x)), [-1, 5]],
    ["int16", 0x0b, 2, (v) => [-300, 5].forEach((x, i) => v.setInt16(2 * i, x)), [-300, 5]],
    ["int32", 0x0c, 4, (v) => [-70000, 5].forEach((x, i) => v.setInt32(4 * i, x)), [-70000, 5]],
    ["float32", 0x0d, 4, (v) => [-1.5, 0.25].forEach((x, i) => v.setFloat32(4 * i, x)), [-1.5, 0.25]],
    ["float64", 0x0e, 8, (v) => [-0.1, 1e300].forEach((x, i) => v.setFloat64(8 * i, x)), [-0.1, 1e300]],
  ])("reads and writes big-endian %s", (type, code, width, put, expected) => {
    const content = new DataView(new ArrayBuffer(2 * width));
    put(content);
    const array = parseIdx(idxBytes(code, [2], new Uint8Array(content.buffer)), "f");
    expect(array.type).toBe(type);
    expect([...array.values]).toEqual(expected);
    expect([...formatIdx(array)]).toEqual([...idxBytes(code, [2], new Uint8Array(content.buffer))]);
  });

  it.each<[string, Uint8Array, string]>([
    ["empty", new Uint8Array(0), "f has 0 bytes, expected an IDX file of at least 4; get the file again"],
    [
      "no zeros",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
      "f starts with 89 50 4e 47, expected an IDX magic number: 00 00, a type (08, 09, 0b, 0c, 0d, 0e) and the number of axes; check that it is the IDX file and was not altered",
    ],
    ["unknown type", Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0), "f starts with 00 00 07 01, expected an IDX magic number"],
    ["no axes", Uint8Array.of(0, 0, 8, 0), "f starts with 00 00 08 00, expected an IDX magic number"],
    ["short header", Uint8Array.of(0, 0, 8, 3, 0, 0), "f has 6 bytes, expected a header of 16 for 3 axes"],
    [
      "cut short",
      idxBytes(0x08, [10, 28, 28], new Uint8Array(5000)),
      "f has 5016 bytes, expected 7856 for uint8 values of shape [10,28,28]; the file was cut short: get it again",
    ],
    ["too long", idxBytes(0x08, [2], new Uint8Array(3)), "f has 11 bytes, expected 10 for uint8 values of shape [2]"],
    [
      "wrong width",
      idxBytes(0x0d, [2], new Uint8Array(2)),
      "f has 10 bytes, expected 16 for float32 values of shape [2]",
    ],
  ])("names the fault: %s", (_, bytes, message) => {
    expect(() => parseIdx(bytes, "f")).toThrow(ValidationError);
    expect(() => parseIdx(bytes, "f")).toThrow(message);
  });
});

describe("readIdx", () => {
  const bytes = idxBytes(0x08, [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));

  it("reads files, compressed or not, whatever they are called", async () => {
    await writeFile(join(folder, "plain.gz"), bytes);
    await writeFile(join(folder, "compressed"), gzipSync(bytes));
    for (const name of ["plain.gz", "compressed"]) {
      const { shape, values } = await readIdx(join(folder, name));
      expect([shape, [...values]]).toEqual([
        [2, 3],
        [1, 2, 3, 4, 5, 6],
      ]);
    }
  });

  it("unpacks no more than the header says", async () => {
    await writeFile(join(folder, "long.gz"), gzipSync(Buffer.concat([bytes, new Uint8Array(1 << 22)])));
    await expect(readIdx(join(folder, "long.gz"))).rejects.toThrow(/long.gz unpacks to more than 18 bytes/);
    await writeFile(join(folder, "short.gz"), gzipSync(bytes.subarray(0, 16)));
    await expect(readIdx(join(folder, "short.gz"))).rejects.toThrow(/short.gz has 16 bytes, expected 18/);
    await writeFile(join(folder, "text.gz"), gzipSync("no numbers"));
    await expect(readIdx(join(folder, "text.gz"))).rejects.toThrow(/text.gz starts with 6e 6f 20 6e/);
  });

  it("says when a file is not there, or its compression is broken", async () => {
    await expect(readIdx(join(folder, "absent"))).rejects.toThrow(/absent cannot be read \(ENOENT.*check the path/);
    await writeFile(join(folder, "broken.gz"), gzipSync(bytes).subarray(0, 20));
    await expect(readIdx(join(folder, "broken.gz"))).rejects.toThrow(/broken.gz does not unpack/);
  });
});
