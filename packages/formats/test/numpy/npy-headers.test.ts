/**
 * Headers of `.npy` files: the spellings of Python literals that NumPy reads, and refusals by name.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNpz } from "../../src/entries/node.js";
import { byteReader, formatNpy, parseNpy, writeZip, type NpyArray } from "../../src/index.js";
import { PythonTuple, pythonLiteral } from "../../src/numpy/python-literal.js";

/** A file with this header. */
function npy(header: string, data: readonly number[] | Uint8Array, version = 1): Uint8Array {
  const text = Buffer.from(`${header}   \n`, version === 3 ? "utf8" : "latin1");
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(text.length, 0, length.length);
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from("NUMPY"), version, 0]), length, text, Buffer.from(data)]);
}
const described = (descr: string, shape: string, order = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
const read = (header: string, data: readonly number[] = [1, 2, 3, 4, 5, 6], version = 1) =>
  parseNpy(npy(header, data, version), "x.npy");
const doubles = (...values: number[]) => [...new Uint8Array(Float64Array.from(values).buffer)];
const longs = (...values: bigint[]) => [...new Uint8Array(BigInt64Array.from(values).buffer)];

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "npy-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("headers", () => {
  // numpy.load (2.x) gives [[1, 2, 3], [4, 5, 6]] for each. The exception is b'|u1', which Python 2
  // wrote as '|u1'.
  it.each<[string, string, number]>([
    ["of numpy.save", described("|u1", "(2, 3)"), 1],
    ["of version 2", described("|u1", "(2, 3)"), 2],
    ["of version 3", described("|u1", "(2, 3)"), 3],
    ["of Python 2 on Windows", described("|u1", "(2L, 3L)"), 1],
    ["with a comma behind the last side", described("|u1", "(2, 3,)"), 1],
    ["without blanks", "{'descr':'|u1','fortran_order':False,'shape':(2,3)}", 1],
    ["with many blanks", "  {\n 'descr' :\t'|u1' , 'fortran_order' : False , 'shape' : ( 2 , 3 ) , }", 1],
    ["with double quotes", '{"descr": "|u1", "fortran_order": False, "shape": (2, 3)}', 1],
    ["with unicode strings", "{u'descr': u'|u1', u'fortran_order': False, u'shape': (2, 3)}", 1],
    ["with byte strings", "{b'descr': b'|u1', 'fortran_order': False, 'shape': (2, 3)}", 1],
    ["in another order", "{'shape': (2, 3), 'descr': '|u1', 'fortran_order': False}", 1],
    ["with a hexadecimal side", described("|u1", "(0x2, 3)"), 1],
    ["with a string in two parts", "{'descr': '|' 'u1', 'fortran_order': False, 'shape': (2, 3)}", 1],
    ["with escapes", "{'\\x64escr': '\\u007cu1', 'fortran_order': False, 'shape': (2, 3)}", 1],
    ["that write a key again", "{'descr': '<f4', 'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}", 1],
    ["of the type's name", described("uint8", "(2, 3)"), 1],
    ["of the type's letter", described("B", "(2, 3)"), 1],
    ["with an order that means nothing here", described(">u1", "(2, 3)"), 1],
  ])("are read %s", (_, header, version) => {
    expect(read(header, [1, 2, 3, 4, 5, 6], version)).toEqual({
      shape: [2, 3],
      values: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
  });

  it("are read with no axis, with none of a side, and with columns first", () => {
    expect(read(described("<f8", "()"), doubles(2.5))).toEqual({ shape: [], values: Float64Array.of(2.5) });
    expect(read(described("|u1", "(0, 28)"), [])).toEqual({ shape: [0, 28], values: new Uint8Array(0) });
    expect(read(described("|u1", "(2, 3)", "True")).values).toEqual(Uint8Array.of(1, 3, 5, 2, 4, 6));
    expect(read(described("|u1", "(6,)", "True")).values).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  });

  const dict = (rest: string) => `{'descr': '|u1', 'fortran_order': False${rest}}`;
  it.each<[string, string, RegExp]>([
    [
      "complex numbers",
      described("<c8", "(2,)"),
      /x\.npy is described by .*an array of complex numbers, expected one array of bool, uint8/,
    ],
    ["objects", described("|O", "(2,)"), /an array of Python objects, .*; store plain numbers, no objects or text/],
    ["text", described("<U3", "(2,)"), /an array of text,/],
    ["byte strings", described("|S3", "(2,)"), /an array of byte strings,/],
    ["dates", described("<M8[ns]", "(2,)"), /an array of dates,/],
    [
      "bfloat16, which NumPy calls raw bytes",
      described("<V2", "(3,)"),
      /an array of raw bytes.*array\.astype\(numpy\.float32\)/,
    ],
    ["floats of 16 bytes", described("<f16", "(1,)"), /an array of floats of another width/],
    ["an unknown type", described("<x4", "(1,)"), /an array of an unknown type/],
    ["no type", described("", "(1,)"), /an array of an unknown type/],
    [
      "records",
      "{'descr': [('naïve', '<i4'), ('x', '<f4')], 'fortran_order': False, 'shape': (1,)}",
      /an array of records of fields/,
    ],
    ["a side that is no tuple", dict(", 'shape': (6)"), /no shape, expected a tuple of whole numbers/],
    ["a list of sides", dict(", 'shape': [6]"), /no shape,/],
    ["a side of minus one", dict(", 'shape': (-1, 6)"), /no shape,/],
    ["a side that is a truth value", dict(", 'shape': (True, 6)"), /no shape,/],
    ["a side in text", dict(", 'shape': ('2', 3)"), /no shape,/],
    ["a side that no double holds", dict(", 'shape': (99999999999999999999,)"), /no shape,/],
    ["sides whose product no double holds", described("<f8", "(94906267, 94906267)"), /an array that no file holds/],
    ["no shape", dict(""), /a header of other keys, expected descr, fortran_order and shape/],
    ["another key", dict(", 'shape': (6,), 'more': 1"), /a header of other keys/],
    [
      "an order that is a number",
      "{'descr': '|u1', 'fortran_order': 0, 'shape': (6,)}",
      /an order of axes that is no truth value/,
    ],
    ["no dictionary", "(1, 2)", /a header of other keys/],
    ["code", "__import__('os').system('true')", /the header of x\.npy is no Python literal at character 0/],
    ["an expression", dict(", 'shape': (2 * 3,)"), /no Python literal at character \d+/],
    ["a float", dict(", 'shape': (6.0,)"), /no Python literal at character/],
    ["brackets in brackets without end", "(".repeat(5000), /no Python literal at character/],
    ["a dictionary that is cut", "{'descr': '|u1', ", /no Python literal at character/],
    ["a string that is cut", "{'descr", /no Python literal at character 1:/],
    ["two literals", `${dict(", 'shape': (6,)")} 1`, /no Python literal at character/],
  ])("are refused with %s", (_, header, message) => {
    expect(() => read(header)).toThrow(message);
  });

  it("are refused in versions to come, cut short, and longer than any of one array", () => {
    const good = described("|u1", "(6,)");
    expect(() => read(good, [], 4)).toThrow(/x\.npy has version 4 of the \.npy format, expected 1, 2 or 3/);
    const bytes = npy(good, [1, 2, 3, 4, 5, 6], 2);
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseNpy(bytes.subarray(0, length), "x.npy")).toThrow(
        /x\.npy (does not start|ends inside its header|has \d bytes of data)/,
      );
    expect(() => parseNpy(Buffer.concat([bytes, Buffer.of(7)]), "x.npy")).toThrow(/has 7 bytes of data, expected 6/);
    Buffer.from(bytes.buffer).writeUInt32LE(0xffffffff, bytes.byteOffset + 8);
    expect(() => parseNpy(bytes, "x.npy")).toThrow(/a header of 4294967295 bytes, expected at most 65535/);
  });

  it("nest in literals", () => {
    expect(pythonLiteral("{'a': [1, (2,), ()], -3: None, True: r'\\n' }", "x")).toEqual(
      new Map<unknown, unknown>([
        ["a", [1, new PythonTuple([2]), new PythonTuple([])]],
        [-3, null],
        [true, "\\n"],
      ]),
    );
    expect(pythonLiteral("((1))", "x")).toBe(1);
  });
});

describe("numbers", () => {
  // import numpy as np, io, base64; b = io.BytesIO()
  // np.save(b, np.array([[0.5, 1, -2], [6.1e-5, 6e-8, 65504]], dtype="f2"))
  // print(base64.b64encode(b.getvalue()).decode())
  // np.save(b, np.array([0.1, np.inf, -np.inf, np.nan, -0.0], dtype=">f2"))
  const halves =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAOAA8AMD/AwEA/3s=";
  const swapped =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPmYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAouZnwA/AB+AIAA";

  it("of 16 bits are what NumPy makes of them, of either byte order", () => {
    expect(parseNpy(Buffer.from(halves, "base64"), "x")).toEqual({
      shape: [2, 3],
      values: Float32Array.of(0.5, 1, -2, 6.097555160522461e-5, 5.960464477539063e-8, 65504),
    });
    expect(parseNpy(Buffer.from(swapped, "base64"), "x").values).toEqual(
      Float32Array.of(0.0999755859375, Infinity, -Infinity, NaN, -0),
    );
  });

  it("of 16 bits are right for all 63,490 patterns that are numbers", () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const bytes = npy(described("<f2", "(65536,)"), new Uint8Array(all.buffer));
    const numbers = (parseNpy(bytes, "x").values as Float32Array).filter((value) => !Number.isNaN(value));
    expect(numbers).toHaveLength(63490);
    // x = np.arange(65536, dtype=np.uint16).view(np.float16); x = x[~np.isnan(x)]
    // hashlib.sha256(x.astype(np.float32).tobytes()).hexdigest()
    expect(createHash("sha256").update(new Uint8Array(numbers.buffer)).digest("hex")).toBe(
      "680bbc22915f61aa1bbfc7265bc3882a6aa42d299bfd2c571807196e5544de2e",
    );
  });

  it("of 64 bits are read where float64 holds them, and refused by place where it does not", async () => {
    const most = 2n ** 53n - 1n;
    expect(read(described("<i8", "(3,)"), longs(most, -most, 0n)).values).toEqual(
      Float64Array.of(Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0),
    );
    for (const [value, type] of [
      [most + 1n, "<i8"],
      [-most - 1n, "<i8"],
      [2n ** 62n, "<u8"],
    ] as const)
      expect(() => read(described(type, "(2,)"), longs(1n, value))).toThrow(
        `x.npy holds ${value} at place 1, expected integers between -2^53 and 2^53`,
      );
    const path = join(folder, "longs.npz");
    await writeFile(path, writeZip(new Map([["a.npy", npy(described("<i8", "(1,)"), longs(most + 1n))]])));
    const array = await (await openNpz(path)).open("a");
    expect(array.type).toBe("int64");
    await expect(array.pieces(1)[Symbol.asyncIterator]().next()).rejects.toThrow(
      /a in .*longs\.npz holds 9007199254740992/,
    );
  });

  it("of every type that is written are read again", () => {
    const arrays = [
      Uint8Array,
      Int8Array,
      Uint16Array,
      Int16Array,
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
    ];
    for (const make of arrays) {
      const array: NpyArray = { shape: [2, 1], values: make.of(1, 100) };
      expect(parseNpy(formatNpy(array), "x")).toEqual(array);
    }
    expect(read(described("|b1", "(2,)"), [0, 1]).values).toEqual(Uint8Array.of(0, 1));
  });

  it("have no memory taken for a count that lies", async () => {
    // 2^52 bytes cannot be allocated, so the end of the stream has to be found first.
    const reader = byteReader(Readable.from([Buffer.from("abc"), Buffer.from("de")]), "a in x.npz");
    expect(Buffer.from(await reader.read(4)).toString()).toBe("abcd");
    await expect(reader.read(2 ** 52)).rejects.toThrow(/^a in x\.npz ends 4503599627370495 bytes too early/);
  });
});
