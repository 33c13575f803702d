/** Safetensors bytes: exact round trips, the documented layout, and damaged files. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ValidationError } from "@ergodic/tensor";
import { decodeSafetensors, encodeSafetensors, type HostArray } from "../../src/index.js";

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

const makers = {
  bool: (bits: Uint32Array) => Uint8Array.from(bits, (b) => b & 1),
  uint8: (bits: Uint32Array) => Uint8Array.from(bits),
  int8: (bits: Uint32Array) => Int8Array.from(bits),
  uint16: (bits: Uint32Array) => Uint16Array.from(bits),
  int16: (bits: Uint32Array) => Int16Array.from(bits),
  uint32: (bits: Uint32Array) => bits,
  // Any bit pattern is a float: infinities, signed zeros and NaNs with payloads too.
  int32: (bits: Uint32Array) => new Int32Array(bits.buffer as ArrayBuffer),
  float32: (bits: Uint32Array) => new Float32Array(bits.buffer as ArrayBuffer),
  float64: (bits: Uint32Array) => Float64Array.from(bits, (b) => Math.sin(b) * 2 ** (b % 1000)),
} as const;
type Made = keyof typeof makers;

const tensors: fc.Arbitrary<HostArray> = fc
  .record({
    name: fc.string({ minLength: 1 }),
    dtype: fc.constantFrom(...(Object.keys(makers) as Made[])),
    shape: shapes,
  })
  .filter(({ name }) => name !== "__metadata__")
  .chain(({ name, dtype, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const words = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: size, maxLength: size });
    return words.map((bits): HostArray => ({ name, dtype, shape, values: makers[dtype](Uint32Array.from(bits)) }));
  });

/** A Buffer at an odd offset of a larger block of memory, as files are read. */
const asFileBytes = (bytes: Uint8Array) => Buffer.from([0, 0, 0, ...bytes]).subarray(3);
const bytesOf = ({ values }: HostArray) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");
const sorted = (all: readonly HostArray[]) => [...all].sort((a, b) => (a.name < b.name ? -1 : 1));

describe("safetensors", () => {
  it("gives back every bit of every tensor", () => {
    fc.assert(
      fc.property(fc.uniqueArray(tensors, { selector: ({ name }) => name, maxLength: 6 }), (written) => {
        const read = sorted(decodeSafetensors(asFileBytes(encodeSafetensors(written))));
        expect(read.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual(
          sorted(written).map(({ name, dtype, shape }) => ({ name, dtype, shape })),
        );
        expect(read.map(bytesOf)).toEqual(sorted(written).map(bytesOf));
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("has the documented layout", () => {
    const bytes = encodeSafetensors([{ name: "w", dtype: "float32", shape: [2], values: Float32Array.of(1, -2) }]);
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    const header: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header).toEqual({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8] } });
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it("refuses every truncation", () => {
    const whole = encodeSafetensors([
      { name: "w", dtype: "float32", shape: [2], values: Float32Array.of(1, 2) },
      { name: "b", dtype: "bool", shape: [1], values: Uint8Array.of(1) },
    ]);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSafetensors(whole.slice(0, length)), `${length} bytes`).toThrow(ValidationError);
    }
    expect(() => decodeSafetensors(Uint8Array.of(...whole, 0))).toThrow(/goes on for 1 bytes after its last tensor/);
  });

  it("says what is wrong with a header", () => {
    const withHeader = (header: unknown, body = 0) => {
      const text = new TextEncoder().encode(JSON.stringify(header));
      const bytes = new Uint8Array(8 + text.length + body);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
      bytes.set(text, 8);
      return bytes;
    };
    expect(() => decodeSafetensors(withHeader([1]))).toThrow("no record of tensors");
    expect(() => decodeSafetensors(withHeader({ w: { dtype: "C64", shape: [], data_offsets: [0, 8] } }, 8))).toThrow(
      "w in the file is of type C64, expected one of BOOL, U8",
    );
    expect(() => decodeSafetensors(withHeader({ w: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4))).toThrow(
      "w in the file has 4 bytes, expected 8",
    );
    expect(() => decodeSafetensors(withHeader({ w: { dtype: "F32", shape: [1], data_offsets: [4, 8] } }, 8))).toThrow(
      "4 bytes of numbers before w that belong to no tensor",
    );
    expect(() => decodeSafetensors(withHeader({ w: null }))).toThrow("no record of tensors: its entry w");
  });

  it("refuses to write what would not come back", () => {
    const w = { name: "w", shape: [2] };
    const refused = (...arrays: HostArray[]) => expect(() => encodeSafetensors(arrays));
    refused({ ...w, dtype: "float32", values: Float64Array.of(1, 2) }).toThrow("w is float32 in a Float64Array");
    refused({ ...w, dtype: "float16", values: Float32Array.of(1, 2) }).toThrow("w is float16, expected one of bool");
    refused({ ...w, dtype: "float32", values: Float32Array.of(1) }).toThrow("w holds 1 numbers, expected 2");
    const twice = { ...w, dtype: "uint8", values: Uint8Array.of(1, 2) } as const;
    refused(twice, twice).toThrow("two arrays are called w");
  });
});
