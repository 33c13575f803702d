/**
 * The messages of an ONNX model that are written, with the field numbers of `onnx.proto`.
 *
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 8).
 */
import { one, repeated, type Message } from "../protobuf/encode.js";

const attribute: Message = [
  one("name", 1, "string"),
  one("f", 2, "float"),
  one("i", 3, "int"),
  one("s", 4, "bytes"),
  one("g", 6, () => graph),
  repeated("floats", 7, "float"),
  repeated("ints", 8, "int"),
  one("type", 20, "int"),
];

const node: Message = [
  repeated("input", 1, "string"),
  repeated("output", 2, "string"),
  one("name", 3, "string"),
  one("opType", 4, "string"),
  repeated("attribute", 5, () => attribute),
  one("domain", 7, "string"),
];

const entry: Message = [one("key", 1, "string"), one("value", 2, "string")];

const tensor: Message = [
  repeated("dims", 1, "int"),
  one("dataType", 2, "int"),
  one("name", 8, "string"),
  one("rawData", 9, "bytes"),
  repeated("externalData", 13, () => entry),
  one("dataLocation", 14, "int"),
];

const dimension: Message = [one("dimValue", 1, "int")];
const shape: Message = [repeated("dim", 1, () => dimension)];
const tensorType: Message = [one("elemType", 1, "int"), one("shape", 2, () => shape)];
const sequenceType: Message = [one("elemType", 1, () => type)];
const type: Message = [one("tensorType", 1, () => tensorType), one("sequenceType", 4, () => sequenceType)];
const valueInfo: Message = [one("name", 1, "string"), one("type", 2, () => type), one("docString", 3, "string")];

const graph: Message = [
  repeated("node", 1, () => node),
  one("name", 2, "string"),
  repeated("initializer", 5, () => tensor),
  repeated("input", 11, () => valueInfo),
  repeated("output", 12, () => valueInfo),
];

const operatorSet: Message = [one("domain", 1, "string"), one("version", 2, "int")];

/** `ModelProto`. */
export const model: Message = [
  one("irVersion", 1, "int"),
  one("graph", 7, () => graph),
  repeated("opsetImport", 8, () => operatorSet),
];
