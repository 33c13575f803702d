/** The messages of a SavedModel that a stateless graph needs, with TensorFlow's field numbers. */
import protobuf, { type IField, type IMapField } from "protobufjs";

const repeated = (type: string, id: number): IField => ({ rule: "repeated", type, id });
const mapOf = (type: string, id: number): IMapField => ({ keyType: "string", type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    Dim: { fields: { size: { type: "int64", id: 1 } } },
    TensorShape: { fields: { dim: repeated("Dim", 2) } },
    Tensor: {
      fields: {
        dtype: { type: "int32", id: 1 },
        tensorShape: { type: "TensorShape", id: 2 },
        tensorContent: { type: "bytes", id: 4 },
      },
    },
    ListValue: { fields: { i: repeated("int64", 3) } },
    AttrValue: {
      oneofs: { value: { oneof: ["list", "s", "i", "f", "b", "type", "shape", "tensor"] } },
      fields: {
        list: { type: "ListValue", id: 1 },
        s: { type: "bytes", id: 2 },
        i: { type: "int64", id: 3 },
        f: { type: "float", id: 4 },
        b: { type: "bool", id: 5 },
        type: { type: "int32", id: 6 },
        shape: { type: "TensorShape", id: 7 },
        tensor: { type: "Tensor", id: 8 },
      },
    },
    NodeDef: {
      fields: {
        name: { type: "string", id: 1 },
        op: { type: "string", id: 2 },
        input: repeated("string", 3),
        attr: mapOf("AttrValue", 5),
      },
    },
    VersionDef: { fields: { producer: { type: "int32", id: 1 } } },
    GraphDef: { fields: { node: repeated("NodeDef", 1), versions: { type: "VersionDef", id: 4 } } },
    TensorInfo: {
      fields: {
        name: { type: "string", id: 1 },
        dtype: { type: "int32", id: 2 },
        tensorShape: { type: "TensorShape", id: 3 },
      },
    },
    SignatureDef: {
      fields: {
        inputs: mapOf("TensorInfo", 1),
        outputs: mapOf("TensorInfo", 2),
        methodName: { type: "string", id: 3 },
      },
    },
    MetaInfoDef: { fields: { tags: repeated("string", 4) } },
    MetaGraphDef: {
      fields: {
        metaInfoDef: { type: "MetaInfoDef", id: 1 },
        graphDef: { type: "GraphDef", id: 2 },
        signatureDef: mapOf("SignatureDef", 5),
      },
    },
    RewriterConfig: { fields: { disableMetaOptimizer: { type: "bool", id: 19 } } },
    GraphOptions: { fields: { rewriteOptions: { type: "RewriterConfig", id: 10 } } },
    Experimental: { fields: { executorType: { type: "string", id: 3 } } },
    ConfigProto: {
      fields: { graphOptions: { type: "GraphOptions", id: 10 }, experimental: { type: "Experimental", id: 16 } },
    },
    SavedModel: {
      fields: { savedModelSchemaVersion: { type: "int64", id: 1 }, metaGraphs: repeated("MetaGraphDef", 2) },
    },
  },
});

export interface ShapeMessage {
  readonly dim: readonly { readonly size: number }[];
}

/** One of an attribute's forms. */
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

/** The version of GraphDef semantics that the operators are written for: TensorFlow 2.9, the oldest library that is loaded. */
const PRODUCER = 1087;

/** Under which tag and name the graph and its signature are found. */
export const TAG = "serve";
const SIGNATURE = "serving_default";

const SavedModel = root.lookupType("SavedModel");

/** The file `saved_model.pb` with one graph and one signature. */
export function encodeSavedModel(nodes: readonly NodeDef[], signature: SignatureDef): Uint8Array {
  const metaGraph = {
    metaInfoDef: { tags: [TAG] },
    graphDef: { node: nodes, versions: { producer: PRODUCER } },
    signatureDef: { [SIGNATURE]: { ...signature, methodName: "tensorflow/serving/predict" } },
  };
  return SavedModel.encode(
    SavedModel.create({ savedModelSchemaVersion: 1, metaGraphs: [metaGraph] } as object),
  ).finish();
}

export const decodeSavedModel = (bytes: Uint8Array): Record<string, unknown> =>
  SavedModel.toObject(SavedModel.decode(bytes), { longs: Number, arrays: true, objects: true });

const ConfigProto = root.lookupType("ConfigProto");

/** The part of a ConfigProto used here. */
export interface SessionOptions {
  readonly graphOptions?: { readonly rewriteOptions: { readonly disableMetaOptimizer: boolean } };
  readonly experimental?: { readonly executorType: string };
}

export const encodeSessionOptions = (options: SessionOptions): Uint8Array =>
  ConfigProto.encode(ConfigProto.create(options as object)).finish();
