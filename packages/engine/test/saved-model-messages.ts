/**
 * The messages of a SavedModel as protobufjs reads them. This independent definition checks the
 * engine's own.
 */
import protobuf, { type IField, type IMapField } from "protobufjs";

const repeated = (type: string, id: number): IField => ({ rule: "repeated", type, id });
const mapOf = (type: string, id: number): IMapField => ({ keyType: "string", type, id });

/** Every message by its name. */
export const messages = protobuf.Root.fromJSON({
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

const SavedModel = messages.lookupType("SavedModel");

export const decodeSavedModel = (bytes: Uint8Array): Record<string, unknown> =>
  SavedModel.toObject(SavedModel.decode(bytes), { longs: Number, arrays: true, objects: true });
