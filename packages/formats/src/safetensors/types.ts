/** Codes of the safetensors format for the types of numbers that are read and written here. */
import type { NumberTypeName } from "../arrays/number-type.js";

export const typesOfCodes: Readonly<Partial<Record<string, NumberTypeName>>> = {
  ...{ BOOL: "bool", U8: "uint8", I8: "int8", U16: "uint16", I16: "int16", U32: "uint32", I32: "int32" },
  ...{ U64: "uint64", I64: "int64", F16: "float16", BF16: "bfloat16", F32: "float32", F64: "float64" },
};

/** Types whose stored values a typed array holds as they are, and that array. */
export const storableTypes = {
  bool: ["BOOL", Uint8Array],
  uint8: ["U8", Uint8Array],
  int8: ["I8", Int8Array],
  uint16: ["U16", Uint16Array],
  int16: ["I16", Int16Array],
  uint32: ["U32", Uint32Array],
  int32: ["I32", Int32Array],
  float32: ["F32", Float32Array],
  float64: ["F64", Float64Array],
} as const satisfies Partial<Record<NumberTypeName, readonly [code: string, array: unknown]>>;

export type StorableType = keyof typeof storableTypes;
