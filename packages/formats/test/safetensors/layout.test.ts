/** Headers of safetensors files: every byte of the numbers belongs to exactly one tensor. */
import { describe, expect, it } from "vitest";
import { ValidationError } from "@ergodic/tensor";
import { safetensorsDataStart, safetensorsEntries } from "../../src/safetensors/layout.js";

const read = (header: unknown, dataLength: number) => {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  return safetensorsEntries(new TextEncoder().encode(text), dataLength, "x.safetensors");
};
const tensor = (dtype: string, shape: number[], start: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [start, end],
});
const bytes = (start: number, end: number) => tensor("U8", [end - start], start, end);

describe("the header of a safetensors file", () => {
  it("gives the tensors by name, in its order, whatever the order of their numbers", () => {
    const header = {
      __metadata__: { format: "pt" },
      b: tensor("F32", [2], 6, 14),
      a: tensor("BF16", [3, 1], 0, 6),
      none: tensor("I64", [0, 4], 6, 6),
    };
    expect([...read(`${JSON.stringify(header)}   `, 14)]).toEqual([
      ["b", { name: "b", type: "F32", shape: [2], start: 6, end: 14 }],
      ["a", { name: "a", type: "BF16", shape: [3, 1], start: 0, end: 6 }],
      ["none", { name: "none", type: "I64", shape: [0, 4], start: 6, end: 6 }],
    ]);
    expect(read({}, 0).size).toBe(0);
    expect(read({ half: tensor("F4", [2], 0, 1) }, 1).size).toBe(1);
    // One word may be a key of several records, and a value with characters of JSON in it.
    const tricky = {
      dtype: bytes(0, 1),
      'a"b{': bytes(1, 2),
      "a\\": bytes(2, 3),
      __metadata__: { dtype: "dtype", shape: ':"dtype":' },
    };
    expect([...read(tricky, 3).keys()]).toEqual(["dtype", 'a"b{', "a\\"]);
  });

  it.each<[string, unknown, number, RegExp]>([
    ["bytes after the last tensor", { a: bytes(0, 4) }, 5, /x\.safetensors goes on for 1 bytes after its last tensor/],
    ["bytes and no tensor", {}, 1, /goes on for 1 bytes/],
    [
      "bytes before the first tensor",
      { a: bytes(1, 4) },
      4,
      /has 1 bytes of numbers before a that belong to no tensor/,
    ],
    ["a hole", { a: bytes(0, 2), b: bytes(3, 4) }, 4, /has 1 bytes of numbers before b that/],
    [
      "tensors that overlap",
      { a: bytes(0, 3), b: bytes(2, 4) },
      4,
      /gives b numbers of another tensor: it starts at byte 2 of 3/,
    ],
    ["two tensors of the same numbers", { a: bytes(0, 4), b: bytes(0, 4) }, 4, /numbers of another tensor/],
    [
      "a tensor outside the file",
      { a: bytes(0, 5) },
      4,
      /a in x\.safetensors lies outside the file, expected 5 bytes of numbers where there are 4/,
    ],
    [
      "a place before its start",
      { a: tensor("U8", [2], 4, 2) },
      4,
      /a in x\.safetensors has -2 bytes, expected 2 for U8 of shape \[2\]/,
    ],
    ["another size", { a: tensor("F32", [2], 0, 4) }, 4, /has 4 bytes, expected 8 for F32/],
    ["half a byte", { a: tensor("F4", [3], 0, 1) }, 1, /has 1 bytes, expected 1\.5/],
    ["sides whose product no double holds", { a: tensor("U8", [2 ** 40, 2 ** 40], 0, 4) }, 4, /has 4 bytes, expected/],
    ["a type nobody knows", { a: tensor("F33", [1], 0, 4) }, 4, /a in x\.safetensors is of the unknown type F33/],
    ["a negative side", { a: tensor("U8", [-4], 0, 4) }, 4, /no record of tensors: its entry a/],
    ["a fraction of a side", { a: tensor("U8", [0.5], 0, 4) }, 4, /no record of tensors: its entry a/],
    ["a place of three numbers", { a: { dtype: "U8", shape: [4], data_offsets: [0, 4, 4] } }, 4, /its entry a/],
    ["no place", { a: { dtype: "U8", shape: [4] } }, 4, /its entry a/],
    ["an entry that is nothing", { a: null }, 4, /its entry a/],
    [
      "a name twice",
      '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"\\u0061":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
      4,
      /names "a" twice in its header/,
    ],
    [
      "a field twice",
      '{"a":{"dtype":"F32","dtype" : "U8","shape":[4],"data_offsets":[0,4]}}',
      4,
      /names "dtype" twice/,
    ],
    ["metadata of numbers", { __metadata__: { epoch: 3 } }, 0, /has __metadata__ that is no record of texts/],
    ["a list", [1], 0, /header of x\.safetensors is no record of tensors/],
    ["blanks before it", " {}", 0, /no record of tensors/],
    ["no JSON", "{!", 0, /no record of tensors/],
    ["nothing", "", 0, /no record of tensors/],
  ])("is refused with %s", (_, header, dataLength, message) => {
    expect(() => read(header, dataLength)).toThrow(ValidationError);
    expect(() => read(header, dataLength)).toThrow(message);
  });

  it("is refused where it is no UTF-8", () => {
    expect(() => safetensorsEntries(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 0, "x")).toThrow(
      /no record of tensors/,
    );
  });

  it("is refused before it is read where its length cannot be right", () => {
    const start = (length: bigint, size: number) => {
      const prefix = new Uint8Array(8);
      new DataView(prefix.buffer).setBigUint64(0, length, true);
      return safetensorsDataStart(prefix, size, "x");
    };
    expect(start(2n, 10)).toBe(10);
    expect(() => start(3n, 10)).toThrow(/x has 10 bytes and is shorter than its header says/);
    expect(() => start(2n ** 64n - 1n, 10)).toThrow(/announces a header of 18446744073709552000 bytes/);
    expect(() => safetensorsDataStart(new Uint8Array(3), 3, "x")).toThrow(/x has 3 bytes, expected a safetensors file/);
  });
});
