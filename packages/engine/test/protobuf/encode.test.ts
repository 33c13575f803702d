/**
 * Messages agree byte by byte with those of protobufjs: fields of every kind, ONNX models and
 * SavedModels.
 */
import fc from "fast-check";
import onnxProto from "onnx-proto";
import protobuf, { type IMapField } from "protobufjs";
import { describe, expect, it } from "vitest";
import { EngineError } from "../../src/errors.js";
import { model } from "../../src/onnx/messages.js";
import { encode, mapOf, one, repeated, type Message } from "../../src/protobuf/encode.js";
import { encodeSavedModel, encodeSessionOptions, type NodeDef } from "../../src/tensorflow/protocol.js";
import { messages } from "../saved-model-messages.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("an encoded message", () => {
  it("is the one of the specification", () => {
    // The worked examples of https://protobuf.dev/programming-guides/encoding.
    expect(hex(encode([one("a", 1, "int")], { a: 150 }))).toBe("089601");
    expect(hex(encode([one("b", 2, "string")], { b: "testing" }))).toBe("120774657374696e67");
    expect(hex(encode([one("c", 3, () => [one("a", 1, "int")])], { c: { a: 150 } }))).toBe("1a03089601");
    expect(hex(encode([repeated("f", 6, "int")], { f: [3, 270, 86942] }))).toBe("3206038e029ea705");
    expect(hex(encode([one("a", 1, "int")], { a: -2 }))).toBe("08feffffffffffffffff01");
  });

  const inner: Message = [one("i", 1, "int"), one("text", 17, "string")];
  const all: Message = [
    one("int", 1, "int"),
    one("bool", 2, "bool"),
    one("float", 3, "float"),
    one("string", 4, "string"),
    one("bytes", 5, "bytes"),
    one("message", 6, () => inner),
    repeated("ints", 7, "int"),
    repeated("floats", 8, "float"),
    repeated("strings", 15, "string"),
    repeated("messages", 16, () => inner),
    mapOf("map", 2047, () => inner),
    repeated("self", 100_000, () => all),
  ];
  const reference = protobuf.Root.fromJSON({
    nested: {
      Inner: { fields: { i: { type: "int64", id: 1 }, text: { type: "string", id: 17 } } },
      All: {
        fields: {
          int: { type: "int64", id: 1 },
          bool: { type: "bool", id: 2 },
          float: { type: "float", id: 3 },
          string: { type: "string", id: 4 },
          bytes: { type: "bytes", id: 5 },
          message: { type: "Inner", id: 6 },
          ints: { rule: "repeated", type: "int64", id: 7 },
          floats: { rule: "repeated", type: "float", id: 8 },
          strings: { rule: "repeated", type: "string", id: 15 },
          messages: { rule: "repeated", type: "Inner", id: 16 },
          map: { keyType: "string", type: "Inner", id: 2047 } as IMapField,
          self: { rule: "repeated", type: "All", id: 100_000 },
        },
      },
    },
  }).lookupType("All");

  it("is protobufjs's for fields of every kind, left out or nested", () => {
    const int = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(0, 127, 128, 2 ** 32, -(2 ** 31), -1));
    const text = fc.string({ unit: "grapheme", maxLength: 200 });
    const innerValue = fc.record({ i: int, text }, { requiredKeys: [] });
    const values = {
      int,
      bool: fc.boolean(),
      float: fc.float(),
      string: text,
      bytes: fc.uint8Array({ maxLength: 300 }),
      message: innerValue,
      ints: fc.array(int),
      floats: fc.array(fc.float()),
      strings: fc.array(text, { maxLength: 3 }),
      messages: fc.array(innerValue, { maxLength: 3 }),
      map: fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), innerValue, { maxKeys: 3, noNullPrototype: true }),
    };
    const value = fc.record(values, { requiredKeys: [] });
    const nested = fc.record({ ...values, self: fc.array(value, { maxLength: 2 }) }, { requiredKeys: [] });
    fc.assert(
      fc.property(nested, (value) => {
        expect(hex(encode(all, value))).toBe(hex(reference.encode(reference.create(value)).finish()));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("holds no number that it would round", () => {
    for (const value of [0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => encode([one("a", 1, "int")], { a: value })).toThrow(RangeError);
    }
  });

  it("is refused beyond 2 GiB, with the way out, before memory is taken", () => {
    const half = new Uint8Array(2 ** 30); // Never written to, so that it takes no memory either.
    const parts: Message = [repeated("parts", 1, "bytes")];
    expect(() => encode(parts, { parts: [half, half] })).toThrow(EngineError);
    expect(() => encode(parts, { parts: [half, half] })).toThrow(
      /takes 2147483660 bytes.*at most 2147483647\. Pass large tensors as arguments/,
    );
  });
});

describe("messages with their field numbers", () => {
  it("of ONNX are those of onnx-proto", () => {
    const type = { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }, { dimValue: 0 }] } } };
    const branch = { node: [{ opType: "Identity", input: ["x"], output: ["v1"] }], output: [{ name: "v1" }] };
    const value = {
      irVersion: 8,
      opsetImport: [
        { domain: "", version: 18 },
        { domain: "com.microsoft.nchwc", version: 1 },
      ],
      graph: {
        name: "ergodic",
        node: [
          {
            name: "a/v0",
            opType: "Any",
            domain: "com.microsoft.nchwc",
            input: ["x", "", "w"],
            output: ["v0"],
            attribute: [
              { name: "float", type: 1, f: 0.1 },
              { name: "int", type: 2, i: -1 },
              { name: "text", type: 3, s: Uint8Array.of(1, 2, 3) },
              { name: "graph", type: 5, g: { name: "then_branch", ...branch } },
              { name: "floats", type: 6, floats: [0.5, -2] },
              { name: "ints", type: 7, ints: [0, -1, 2 ** 40] },
            ],
          },
        ],
        initializer: [{ name: "w", dims: [2, 0], dataType: 1, rawData: new Uint8Array(3) }],
        input: [{ name: "x", docString: "what it is", type }],
        output: [{ name: "v0", docString: "", type }],
      },
    };
    const { ModelProto } = onnxProto.onnx;
    expect(hex(encode(model, value))).toBe(hex(ModelProto.encode(ModelProto.create(value as object)).finish()));
  });

  it("of SavedModels and session options are those of TensorFlow", () => {
    const shape = { dim: [{ size: 2 }, { size: -1 }] };
    const node: NodeDef = {
      name: "v0",
      op: "Any",
      input: ["x", "^y"],
      attr: {
        list: { list: { i: [1, 0, 2] } },
        s: { s: Uint8Array.of(0) },
        i: { i: 0 },
        f: { f: 0 },
        b: { b: false },
        type: { type: 1 },
        shape: { shape },
        tensor: { tensor: { dtype: 1, tensorShape: shape, tensorContent: new Uint8Array(9) } },
      },
    };
    const signature = {
      inputs: { x: { name: "x:0", dtype: 1, tensorShape: shape } },
      outputs: { y: { name: "v0:0", dtype: 3, tensorShape: { dim: [] } } },
    };
    const SavedModel = messages.lookupType("SavedModel");
    const bytes = encodeSavedModel([node], signature);
    const decoded = SavedModel.toObject(SavedModel.decode(bytes), { longs: Number });
    expect(decoded).toMatchObject({ savedModelSchemaVersion: 1 });
    const [graph] = decoded["metaGraphs"] as [Record<string, unknown>];
    expect(graph["graphDef"]).toMatchObject({ node: [{ name: "v0", op: "Any", input: ["x", "^y"] }] });
    expect(graph["signatureDef"]).toMatchObject({ serving_default: { methodName: "tensorflow/serving/predict" } });
    expect(hex(bytes)).toBe(hex(SavedModel.encode(SavedModel.decode(bytes)).finish()));

    const ConfigProto = messages.lookupType("ConfigProto");
    for (const options of [
      {},
      { graphOptions: { rewriteOptions: { disableMetaOptimizer: true } }, experimental: { executorType: "SINGLE" } },
    ]) {
      expect(hex(encodeSessionOptions(options))).toBe(hex(ConfigProto.encode(ConfigProto.create(options)).finish()));
    }
  });
});
