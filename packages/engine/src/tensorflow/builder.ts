/** Collects TensorFlow operations under fresh names, and writes the SavedModel. */
import type { DType, TensorSpec, TypedArray } from "../graph.js";
import type { Port } from "../ports.js";
import { encodeSavedModel, type AttrValue, type NodeDef, type ShapeMessage, type TensorInfo } from "./protocol.js";

/** TensorFlow's numbers for types. */
const TYPE = { float32: 1, float64: 2, int32: 3, int64: 9, bool: 10 } as const;
export type TensorFlowType = keyof typeof TYPE;

/**
 * An attribute of an operation: the name of a type, any other text, an integer, integers, a flag,
 * or `float` for a real number.
 */
export type Attribute = number | string | boolean | readonly number[] | { readonly float: number };

const isType = (value: string): value is TensorFlowType => value in TYPE;

function attrValue(value: Attribute): AttrValue {
  switch (typeof value) {
    case "string":
      return isType(value) ? { type: TYPE[value] } : { s: new TextEncoder().encode(value) };
    case "number":
      return { i: value };
    case "boolean":
      return { b: value };
    default:
      return "float" in value ? { f: value.float } : { list: { i: value } };
  }
}

const shapeMessage = (shape: readonly number[]): ShapeMessage => ({ dim: shape.map((size) => ({ size })) });

const tensorInfo = (name: string, { shape, dtype }: TensorSpec): TensorInfo => ({
  name: `${name}:0`,
  dtype: TYPE[dtype],
  tensorShape: shapeMessage(shape),
});

export class GraphDefBuilder {
  private readonly nodes: NodeDef[] = [];
  private readonly shared = new Map<string, string>();
  private readonly inputs: Record<string, TensorInfo> = {};
  private readonly outputs: Record<string, TensorInfo> = {};
  /**
   * The graph node that the following operations belong to. Failures at run time contain this name.
   */
  origin = "";

  private add(op: string, input: readonly string[], attr: Record<string, AttrValue>): string {
    const name = `${this.origin}v${this.nodes.length}`;
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  /** A placeholder, with its name in the signature. */
  input(name: string, spec: TensorSpec, port: Port): void {
    const attr = { dtype: { type: TYPE[spec.dtype] }, shape: { shape: shapeMessage(spec.shape) } };
    const { description } = port;
    this.nodes.push({
      name,
      op: "Placeholder",
      input: [],
      attr: description === undefined ? attr : { ...attr, _description: attrValue(description) },
    });
    this.inputs[port.name] = tensorInfo(name, spec);
  }

  output(source: string, name: string, spec: TensorSpec, port: Port): void {
    this.nodes.push({ name, op: "Identity", input: [source], attr: { T: { type: TYPE[spec.dtype] } } });
    this.outputs[port.name] = tensorInfo(name, spec);
  }

  /** Adds an operation with `count` outputs. */
  many(op: string, inputs: readonly string[], count: number, attributes: Record<string, Attribute> = {}): string[] {
    const attr = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, attrValue(value)]));
    const node = this.add(op, inputs, attr);
    return Array.from({ length: count }, (_, i) => (i === 0 ? node : `${node}:${i}`));
  }

  op(op: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.many(op, inputs, 1, attributes)[0]!;
  }

  private tensor(shape: readonly number[], dtype: TensorFlowType, data: ArrayBufferView): string {
    const tensorContent = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const tensor = { dtype: TYPE[dtype], tensorShape: shapeMessage(shape), tensorContent };
    return this.add("Const", [], { dtype: { type: TYPE[dtype] }, value: { tensor } });
  }

  constant({ shape, dtype }: TensorSpec, data: TypedArray): string {
    return this.tensor(shape, dtype, data);
  }

  /** The result of `make`, cached by key. */
  once(key: string, make: () => string): string {
    const name = this.shared.get(key) ?? make();
    this.shared.set(key, name);
    return name;
  }

  /** A list of sizes, axes or indices. */
  ints(values: readonly number[]): string {
    return this.once(`list:${values.join()}`, () => this.tensor([values.length], "int32", Int32Array.from(values)));
  }

  scalar(value: number, dtype: TensorFlowType = "float32"): string {
    return this.once(`${dtype}:${Object.is(value, -0) ? "-0" : value}`, () =>
      this.tensor([], dtype, scalarData(value, dtype)),
    );
  }

  cast(x: string, from: TensorFlowType, to: TensorFlowType): string {
    return from === to ? x : this.op("Cast", [x], { SrcT: from, DstT: to });
  }

  reshape(x: string, dtype: DType, shape: readonly number[]): string {
    return this.op("Reshape", [x, this.ints(shape)], { T: dtype, Tshape: "int32" });
  }

  transpose(x: string, dtype: DType, perm: readonly number[]): string {
    if (perm.every((axis, i) => axis === i)) return x;
    return this.op("Transpose", [x, this.ints(perm)], { T: dtype, Tperm: "int32" });
  }

  savedModel(): Uint8Array {
    return encodeSavedModel(this.nodes, { inputs: this.inputs, outputs: this.outputs });
  }
}

function scalarData(value: number, dtype: TensorFlowType): ArrayBufferView {
  switch (dtype) {
    case "float32":
      return Float32Array.of(value);
    case "float64":
      return Float64Array.of(value);
    case "int32":
      return Int32Array.of(value);
    case "int64":
      return BigInt64Array.of(BigInt(value));
    case "bool":
      return Uint8Array.of(value);
  }
}
