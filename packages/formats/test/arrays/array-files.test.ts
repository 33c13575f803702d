/**
 * Arrays read in pieces: the same numbers as whole, no further reads than needed, and damaged
 * files.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNpz, openSafetensors, writeNpz } from "../../src/entries/node.js";
import { formatNpy, type NpyArray, type StoredArray } from "../../src/index.js";
import { deflated } from "../zip/deflated-zip.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "arrays-"));
});
afterAll(() => rm(folder, { recursive: true }));

const written = async (name: string, bytes: Uint8Array): Promise<string> => {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
};
const all = async (array: StoredArray, rows: number) => {
  const pieces = [];
  for await (const piece of array.pieces(rows)) pieces.push(piece);
  return pieces;
};

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * i) % 253);
const images: NpyArray = { shape: [1001, 30, 20], values: bytes(1001 * 600) };
const floats: NpyArray = { shape: [3, 2], values: Float32Array.of(0.5, -1, 2, 3, 1e-20, 7) };

/** A safetensors file of these arrays. */
function safetensors(header: Record<string, unknown>, ...arrays: NpyArray["values"][]): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const numbers = arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return Buffer.concat([length, text, ...numbers]);
}
const entry = (dtype: string, shape: readonly number[], from: number, to: number) => ({
  ...{ dtype, shape, data_offsets: [from, to] },
});

describe("arrays in .npz files", () => {
  it.each([1, 50, 1001, 5000])("come in pieces of %i rows, stored", async (rows) => {
    const path = join(folder, "stored.npz");
    await writeNpz(path, { floats, images });
    const file = await openNpz(path);
    expect(file.names).toEqual(["floats", "images"]);
    const array = await file.open("images");
    expect({ shape: array.shape, type: array.type }).toEqual({ shape: images.shape, type: "uint8" });
    const pieces = await all(array, rows);
    expect(pieces).toHaveLength(Math.ceil(1001 / rows));
    expect(Buffer.concat(pieces as Uint8Array[]).equals(images.values as Uint8Array)).toBe(true);
    expect(await all(await file.open("floats"), 2)).toEqual([floats.values.slice(0, 4), floats.values.slice(4)]);
  });

  it("come unpacked, behind a comment too, and again at every turn", async () => {
    const path = await written("deflated.npz", deflated("a.npy", formatNpy(images), { comment: "made by hand" }));
    const array = await (await openNpz(path)).open("a");
    for (let turn = 0; turn < 2; turn++)
      expect(Buffer.concat((await all(array, 100)) as Uint8Array[]).equals(images.values as Uint8Array)).toBe(true);
  });

  it("swaps bytes of the other order", async () => {
    const npy = Buffer.from(formatNpy({ shape: [2], values: Int32Array.of(1 << 24, 2 << 24) }));
    const swapped = Buffer.from(npy.toString("latin1").replace("<i4", ">i4"), "latin1");
    const file = await openNpz(await written("swapped.npz", deflated("a.npy", swapped)));
    expect(await all(await file.open("a"), 9)).toEqual([Int32Array.of(1, 2)]);
  });

  it("reads no more than it is asked for: damage at the end is found there, and not before", async () => {
    for (const [name, damaged] of [
      ["late.npz", deflated("a.npy", formatNpy(images))],
      ["late-stored.npz", await storedBytes()],
    ] as const) {
      const at = damaged.indexOf("PK\u0001\u0002", "latin1") - 20;
      damaged[at]! ^= 1;
      const array = await (await openNpz(await written(name, damaged))).open("a");
      for await (const piece of array.pieces(5)) {
        expect(piece).toEqual(images.values.subarray(0, 3000));
        break;
      }
      await expect(all(array, 50)).rejects.toThrow(/a\.npy in .*(damaged|does not unpack)|a in .*ends/);
    }
  });

  async function storedBytes(): Promise<Buffer> {
    const { readFile } = await import("node:fs/promises");
    await writeNpz(join(folder, "whole.npz"), { a: images });
    return readFile(join(folder, "whole.npz"));
  }

  it("refuse what is no archive, cut, ordered by columns, or not there", async () => {
    await expect(openNpz(join(folder, "none.npz"))).rejects.toThrow(/none\.npz cannot be read \(ENOENT/);
    await expect(openNpz(await written("no.npz", bytes(100)))).rejects.toThrow(/no directory at its end/);
    const whole = await storedBytes();
    await expect(openNpz(await written("cut.npz", whole.subarray(0, 5000)))).rejects.toThrow(/no directory at its end/);
    const columns = Buffer.from(
      Buffer.from(formatNpy(floats)).toString("latin1").replace("False,", "True, "),
      "latin1",
    );
    const file = await openNpz(await written("columns.npz", deflated("a.npy", columns)));
    await expect(file.open("a")).rejects.toThrow(/a in .* column by column \(fortran_order\).*ascontiguousarray/);
    await expect(file.open("b")).rejects.toThrow(/no array b, expected one of a$/);
    const huge = Buffer.from(
      Buffer.from(formatNpy(floats)).toString("latin1").replace("(3, 2)", "(3, 2000000)").replace("    ", ""),
      "latin1",
    );
    const lying = await openNpz(await written("huge.npz", deflated("a.npy", huge)));
    await expect(lying.open("a")).rejects.toThrow(/a in .* has \d+ bytes of data, expected 24000000/);
  });
});

describe("arrays that are packed larger than they say", () => {
  const array: NpyArray = { shape: [4], values: Float64Array.of(1, 2, 3, 4) };
  const npy = formatNpy(array);
  const bomb = Buffer.concat([npy, new Uint8Array(1 << 22)]);

  it("are unpacked no further than their directory says", async () => {
    const path = await written("lying.npz", deflated("a.npy", bomb, { declared: npy.length }));
    await expect((await openNpz(path)).open("a")).rejects.toThrow(
      /unpacks to more than 160 bytes, expected the size in its directory/,
    );
    await expect((await openNpz(path)).array("a")).rejects.toThrow(/unpacks to more than 160 bytes/);
  });

  it("are refused before they are unpacked where the array is smaller", async () => {
    const file = await openNpz(await written("long.npz", deflated("a.npy", bomb)));
    await expect(file.array("a")).rejects.toThrow(/a in .*long\.npz has 4194336 bytes of data, expected 32/);
  });

  it("are refused with the directory where so few bytes cannot hold them", async () => {
    const path = await written("huge.npz", deflated("a.npy", npy, { declared: 0xfffffff0 }));
    await expect(openNpz(path)).rejects.toThrow(/a\.npy in it has \d+ bytes, which cannot hold the 4294967280/);
  });
});

describe("arrays in safetensors files", () => {
  const header = {
    __metadata__: { format: "pt" },
    images: entry("U8", images.shape, 0, 600_600),
    floats: entry("F32", floats.shape, 600_600, 600_624),
  };

  it("come in pieces", async () => {
    const file = await openSafetensors(
      await written("two.safetensors", safetensors(header, images.values, floats.values)),
    );
    expect(file.names).toEqual(["images", "floats"]);
    const pieces = await all(await file.open("images"), 300);
    expect(pieces.map(({ length }) => length / 600)).toEqual([300, 300, 300, 101]);
    expect(Buffer.concat(pieces as Uint8Array[]).equals(images.values as Uint8Array)).toBe(true);
    expect(await all(await file.open("floats"), 2)).toEqual([floats.values.slice(0, 4), floats.values.slice(4)]);
    await expect(file.open("x")).rejects.toThrow(/no array x, expected one of images, floats/);
  });

  it.each<[string, Buffer, RegExp]>([
    ["nothing", Buffer.alloc(3), /has 3 bytes, expected a safetensors file/],
    ["a header longer than the file", Buffer.from([9, 9, 9, 0, 0, 0, 0, 0, 1]), /shorter than its header says/],
    ["no JSON", Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 123, 33]), /header of .* is no record of tensors/],
    ["no offsets", safetensors({ a: { dtype: "U8", shape: [1] } }), /header of .* is no record of tensors/],
  ])("refuse %s", async (name, content, message) => {
    await expect(openSafetensors(await written(`${name}.safetensors`, content))).rejects.toThrow(message);
  });

  it.each<[string, string, number[], NpyArray["values"]]>([
    ["half floats", "F16", [0x00, 0x38, 0x00, 0xc0], Float32Array.of(0.5, -2)],
    ["bfloat16", "BF16", [0x00, 0x3f, 0x00, 0xc0], Float32Array.of(0.5, -2)],
    ["int8", "I8", [1, 255], Int8Array.of(1, -1)],
    ["uint16", "U16", [1, 255, 0, 1], Uint16Array.of(0xff01, 256)],
    ["int64", "I64", [...new Uint8Array(BigInt64Array.of(-7n, 2n ** 40n).buffer)], Float64Array.of(-7, 2 ** 40)],
    ["truth values", "BOOL", [0, 1], Uint8Array.of(0, 1)],
  ])("are read of %s", async (name, dtype, stored, values) => {
    const content = safetensors({ a: entry(dtype, [2], 0, stored.length) }, Uint8Array.from(stored));
    const file = await openSafetensors(await written(`${name}.safetensors`, content));
    expect(await all(await file.open("a"), 5)).toEqual([values]);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ["another size", { a: entry("U8", [5], 0, 4) }, /a in .* has 4 bytes, expected 5/],
    ["a place outside", { a: entry("U8", [4], 4, 8) }, /a in .* lies outside the file/],
    ["bytes behind it", { a: entry("U8", [3], 0, 3) }, /goes on for 1 bytes after its last tensor/],
    ["bytes before it", { a: entry("U8", [3], 1, 4) }, /1 bytes of numbers before a that belong to no tensor/],
  ])("refuse a tensor of %s", async (name, header, message) => {
    const path = await written(`${name}.safetensors`, safetensors(header, bytes(4)));
    await expect(openSafetensors(path)).rejects.toThrow(message);
  });

  it("refuse complex numbers, and integers that no double holds", async () => {
    const complex = safetensors({ a: entry("C64", [1], 0, 8) }, bytes(8));
    const file = await openSafetensors(await written("complex.safetensors", complex));
    await expect(file.open("a")).rejects.toThrow(/a in .* is of type C64, expected one of BOOL, U8/);
    const large = safetensors({ a: entry("U64", [1], 0, 8) }, new Uint8Array(8).fill(255));
    const array = await (await openSafetensors(await written("large.safetensors", large))).open("a");
    await expect(all(array, 1)).rejects.toThrow(/a in .* holds 18446744073709551615 at place 0/);
  });
});
