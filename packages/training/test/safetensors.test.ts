import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, SafetensorsError, type HostTensor } from "../src/index.js";

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

const tensors: fc.Arbitrary<HostTensor> = fc
  .record({ name: fc.string({ minLength: 1 }), dtype: fc.constantFrom("float32", "int32", "bool"), shape: shapes })
  .filter(({ name }) => name !== "__metadata__")
  .chain(({ name, dtype, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    // Any bit pattern is a float: infinities, signed zeros and NaNs with payloads included.
    const words = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: size, maxLength: size });
    return words.map((bits): HostTensor => {
      const raw = Uint32Array.from(bits);
      if (dtype === "bool") return { name, dtype, shape, values: Uint8Array.from(bits, (b) => b & 1) };
      if (dtype === "int32") return { name, dtype, shape, values: new Int32Array(raw.buffer) };
      return { name, dtype, shape, values: new Float32Array(raw.buffer) };
    });
  });

/** As a file is read: a Buffer at an odd place of a larger block of memory. */
const asFileBytes = (bytes: Uint8Array) => Buffer.from([0, 0, 0, ...bytes]).subarray(3);
const bytesOf = ({ values }: HostTensor) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex");
const sorted = (all: readonly HostTensor[]) => [...all].sort((a, b) => (a.name < b.name ? -1 : 1));

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
      expect(() => decodeSafetensors(whole.slice(0, length)), `${length} bytes`).toThrow(SafetensorsError);
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
    expect(() => decodeSafetensors(withHeader({ w: { dtype: "F64", shape: [], data_offsets: [0, 8] } }, 8))).toThrow(
      "type F64",
    );
    expect(() => decodeSafetensors(withHeader({ w: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, 4))).toThrow(
      "w in the file has 4 bytes, expected 8",
    );
    expect(() => decodeSafetensors(withHeader({ w: { dtype: "F32", shape: [1], data_offsets: [4, 8] } }, 8))).toThrow(
      "4 bytes of numbers before w that belong to no tensor",
    );
    expect(() => decodeSafetensors(withHeader({ w: null }))).toThrow("no record of tensors: its entry w");
  });
});
