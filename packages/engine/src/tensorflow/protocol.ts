/** The messages of a SavedModel that a stateless graph needs, with TensorFlow's field numbers. */
import { encode, mapOf, one, repeated, type Message } from "../protobuf/encode.js";

const dimension: Message = [one("size", 1, "int")];
const shape: Message = [repeated("dim", 2, () => dimension)];
const tensor: Message = [one("dtype", 1, "int"), one("tensorShape", 2, () => shape), one("tensorContent", 4, "bytes")];
const listValue: Message = [repeated("i", 3, "int")];

const attrValue: Message = [
  one("list", 1, () => listValue),
  one("s", 2, "bytes"),
  one("i", 3, "int"),
  one("f", 4, "float"),
  one("b", 5, "bool"),
  one("type", 6, "int"),
  one("shape", 7, () => shape),
  one("tensor", 8, () => tensor),
];

const nodeDef: Message = [
  one("name", 1, "string"),
  one("op", 2, "string"),
  repeated("input", 3, "string"),
  mapOf("attr", 5, () => attrValue),
];

const versionDef: Message = [one("producer", 1, "int")];
const graphDef: Message = [repeated("node", 1, () => nodeDef), one("versions", 4, () => versionDef)];
const tensorInfo: Message = [one("name", 1, "string"), one("dtype", 2, "int"), one("tensorShape", 3, () => shape)];

const signatureDef: Message = [
  mapOf("inputs", 1, () => tensorInfo),
  mapOf("outputs", 2, () => tensorInfo),
  one("methodName", 3, "string"),
];

const metaInfoDef: Message = [repeated("tags", 4, "string")];

const metaGraphDef: Message = [
  one("metaInfoDef", 1, () => metaInfoDef),
  one("graphDef", 2, () => graphDef),
  mapOf("signatureDef", 5, () => signatureDef),
];

const savedModel: Message = [one("savedModelSchemaVersion", 1, "int"), repeated("metaGraphs", 2, () => metaGraphDef)];

const rewriterConfig: Message = [one("disableMetaOptimizer", 19, "bool")];
const graphOptions: Message = [one("rewriteOptions", 10, () => rewriterConfig)];
const experimental: Message = [one("collectiveGroupLeader", 1, "string"), one("executorType", 3, "string")];
export const configProto: Message = [
  repeated("deviceFilters", 4, "string"),
  one("graphOptions", 10, () => graphOptions),
  one("experimental", 16, () => experimental),
];

export interface ShapeMessage {
  readonly dim: readonly { readonly size: number }[];
}

/** A value of an attribute. Exactly one field is set. */
export interface AttrValue {
  readonly list?: { readonly i: readonly number[] };
  readonly s?: Uint8Array;
  readonly i?: number;
  readonly f?: number;
  readonly b?: boolean;
  readonly type?: number;
  readonly shape?: ShapeMessage;
  readonly tensor?: { readonly dtype: number; readonly tensorShape: ShapeMessage; readonly tensorContent: Uint8Array };
}

export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, AttrValue>>;
}

export interface TensorInfo {
  readonly name: string;
  readonly dtype: number;
  readonly tensorShape: ShapeMessage;
}

export interface SignatureDef {
  readonly inputs: Readonly<Record<string, TensorInfo>>;
  readonly outputs: Readonly<Record<string, TensorInfo>>;
}

/**
 * The version of GraphDef semantics of the operators: TensorFlow 2.9, the oldest supported library.
 */
const PRODUCER = 1087;

/** The tag of the graph and the name of its signature. */
export const TAG = "serve";
const SIGNATURE = "serving_default";

/** The file `saved_model.pb` with one graph and one signature. */
export function encodeSavedModel(nodes: readonly NodeDef[], signature: SignatureDef): Uint8Array {
  const metaGraph = {
    metaInfoDef: { tags: [TAG] },
    graphDef: { node: nodes, versions: { producer: PRODUCER } },
    signatureDef: { [SIGNATURE]: { ...signature, methodName: "tensorflow/serving/predict" } },
  };
  return encode(savedModel, { savedModelSchemaVersion: 1, metaGraphs: [metaGraph] });
}

/** The part of a ConfigProto that is used. */
export interface SessionOptions {
  readonly deviceFilters?: readonly string[];
  readonly graphOptions?: { readonly rewriteOptions: { readonly disableMetaOptimizer: boolean } };
  readonly experimental?: { readonly collectiveGroupLeader?: string; readonly executorType?: string };
}

export const encodeSessionOptions = (options: SessionOptions): Uint8Array => encode(configProto, options);
