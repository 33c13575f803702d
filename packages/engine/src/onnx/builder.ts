/** Collects ONNX nodes and initialisers under fresh names, and writes the model (opset 18). */
import { sizeOf, type DType, type TensorSpec, type TypedArray } from "../graph.js";
import { encode } from "../protobuf/encode.js";
import { transposed } from "./constant-layout.js";
import { model } from "./messages.js";

export const ONNX_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/**
 * Operators of a branch or a loop, with the names of its inputs and results. They may also read
 * values of the outer graph.
 */
interface Subgraph {
  readonly node: readonly object[];
  readonly inputs: readonly object[];
  readonly results: readonly string[];
}

/**
 * An attribute of an ONNX operator. `float` and `floats` mark numbers that must not be written as
 * integers.
 */
export type OnnxAttribute =
  number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] } | Subgraph;

/** An operator, as `onnx.proto` has it. */
interface OnnxNode {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attribute?: readonly object[];
}

/** The operators of a graph, in order. */
export type Scope = OnnxNode[];

/** A constant, as `onnx.proto` has it. */
interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

/** The bytes of a large constant that a model has beside it. */
export interface LargeConstant {
  readonly bytes: Uint8Array;
  /** Whether the memory is the model's own: the constant was arranged for it. */
  readonly own: boolean;
}

/** The name of a tensor, and the shape and type of what an operator reads of it at once. */
interface Operand {
  readonly name: string;
  readonly spec: TensorSpec;
}

/** Bytes of a constant for which it pays not to be part of the model. */
const LARGE_CONSTANT = 65536;
/** `TensorProto.DataLocation`. */
const EXTERNAL = 1;

/** Domain of ONNX Runtime's own operators on the blocked image layout. */
const NCHWC_DOMAIN = "com.microsoft.nchwc";

const attribute = (name: string, value: OnnxAttribute): object => {
  if (typeof value === "string") return { name, type: 3, s: new TextEncoder().encode(value) };
  if (typeof value === "number") return { name, type: 2, i: value };
  if ("float" in value) return { name, type: 1, f: value.float };
  if ("floats" in value) return { name, type: 6, floats: [...value.floats] };
  if ("node" in value) {
    const output = value.results.map((result) => ({ name: result }));
    return { name, type: 5, g: { name, node: value.node, input: value.inputs, output } };
  }
  return { name, type: 7, ints: [...value] };
};

const valueInfo = (name: string, { shape, dtype }: TensorSpec, docString = ""): object => ({
  name,
  docString,
  type: { tensorType: { elemType: ONNX_TYPE[dtype], shape: { dim: shape.map((size) => ({ dimValue: size })) } } },
});

/** The names that operators read, also those in branches and loops. */
function namesRead(nodes: Scope, names = new Set<string>()): ReadonlySet<string> {
  for (const { input, attribute: attributes = [] } of nodes) {
    for (const name of input) names.add(name);
    for (const { g } of attributes as readonly { g?: { node: Scope; output: readonly { name: string }[] } }[]) {
      if (g === undefined) continue;
      namesRead(g.node, names);
      for (const { name } of g.output) names.add(name);
    }
  }
  return names;
}

export class OnnxBuilder {
  private nodes: Scope = [];
  private readonly initializers = new Map<string, Initializer>();
  private readonly shared = new Map<string, string>();
  /** Memory of constants that were arranged here. */
  private readonly arranged = new Set<ArrayBufferLike>();
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];
  private readonly domains = new Set([""]);
  private count = 0;
  /**
   * The graph node that the following operators belong to. Failures at run time contain this name.
   */
  origin = "";

  /** @param structured whether the executor runs branches and loops well. Default false. */
  constructor(readonly structured = false) {}

  private fresh(): string {
    return `v${this.count++}`;
  }

  input(name: string, spec: TensorSpec, description?: string): void {
    this.inputs.push(valueInfo(name, spec, description));
  }

  output(source: string, name: string, spec: TensorSpec): void {
    this.nodes.push({ opType: "Identity", input: [source], output: [name] });
    this.outputs.push(valueInfo(name, spec));
  }

  /** An output that is no tensor: an empty sequence. */
  noTensor(name: string): void {
    this.nodes.push({ opType: "SequenceEmpty", input: [], output: [name] });
    const elemType = { tensorType: { elemType: ONNX_TYPE.float32 } };
    this.outputs.push({ name, type: { sequenceType: { elemType } } });
  }

  /**
   * Adds an operator with `count` outputs. The empty string stands for an absent optional input.
   */
  many(
    opType: string,
    input: readonly string[],
    count: number,
    attributes: Record<string, OnnxAttribute> = {},
    domain = "",
  ): string[] {
    this.domains.add(domain);
    const output = Array.from({ length: count }, () => this.fresh());
    const attributeList = Object.entries(attributes).map(([name, value]) => attribute(name, value));
    this.nodes.push({
      name: `${this.origin}/${output[0]}`,
      opType,
      domain,
      input: [...input],
      output,
      attribute: attributeList,
    });
    return output;
  }

  op(opType: string, input: readonly string[], attributes: Record<string, OnnxAttribute> = {}): string {
    return this.many(opType, input, 1, attributes)[0]!;
  }

  /**
   * The results of one of two branches. Only the branch that `condition`, a single boolean, selects
   * runs.
   */
  branch(
    condition: string,
    count: number,
    then: () => readonly string[],
    otherwise: () => readonly string[],
  ): string[] {
    const [then_branch, else_branch] = [this.inside([], then), this.inside([], otherwise)];
    return this.many("If", [condition], count, { then_branch, else_branch });
  }

  /**
   * The results of `step`, run `count` times, once for every row of `rows`.
   *
   * A step gets the states of the step before, at first `states`, and its rows. It returns the next
   * states and its other results. The scan returns the last states and all other results, stacked.
   */
  scan(
    count: number,
    states: readonly Operand[],
    rows: readonly Operand[],
    step: (inputs: readonly string[]) => string[],
  ): string[] {
    // The operator takes the number of steps from its rows, so it needs at least one kind of them.
    const unused = (): Operand => ({
      name: this.constant({ shape: [count], dtype: "float32" }, new Float32Array(count)),
      spec: { shape: [], dtype: "float32" },
    });
    const operands = [...states, ...(rows.length === 0 ? [unused()] : rows)];
    const named = operands.map(({ spec }) => ({ name: this.fresh(), spec }));
    const body = this.inside(
      named.map(({ name, spec }) => valueInfo(name, spec)),
      () => step(named.map(({ name }) => name)),
    );
    const inputs = operands.map(({ name }) => name);
    return this.many("Scan", inputs, body.results.length, {
      body,
      num_scan_inputs: operands.length - states.length,
    });
  }

  private inside(inputs: readonly object[], make: () => readonly string[]): Subgraph {
    const node: Scope = [];
    const results = this.within(node, make);
    // A result that another graph made, or that is listed twice, gets a name of its own.
    const free = new Set(node.flatMap(({ output }) => output));
    const named = results.map((name) =>
      free.delete(name) ? name : this.within(node, () => this.op("Identity", [name])),
    );
    return { node, inputs, results: named };
  }

  /** The graph that operators are added to: the model's, or that of a branch or a loop. */
  get scope(): Scope {
    return this.nodes;
  }

  /** Adds the operators of `make` to `scope`. */
  within<T>(scope: Scope, make: () => T): T {
    const own = this.nodes;
    this.nodes = scope;
    const result = make();
    this.nodes = own;
    return result;
  }

  /** An operator on the blocked layout. Only some builds of ONNX Runtime support it. */
  nchwc(opType: string, input: readonly string[], attributes: Record<string, OnnxAttribute> = {}): string {
    return this.many(opType, input, 1, attributes, NCHWC_DOMAIN)[0]!;
  }

  private initializer(dims: readonly number[], dataType: number, rawData: Uint8Array): string {
    const name = this.fresh();
    this.initializers.set(name, { name, dims: [...dims], dataType, rawData });
    return name;
  }

  private once(key: string, make: () => string): string {
    const known = this.shared.get(key);
    if (known !== undefined) return known;
    const name = make();
    this.shared.set(key, name);
    return name;
  }

  constant({ shape, dtype }: TensorSpec, data: TypedArray): string {
    return this.initializer(shape, ONNX_TYPE[dtype], new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** A list of sizes, axes or indices. */
  ints(values: readonly number[]): string {
    return this.once(`int64:${values.join()}`, () => {
      const raw = BigInt64Array.from(values, (value) => BigInt(Number.isFinite(value) ? value : 0));
      return this.initializer([values.length], ONNX_TYPE.int64, new Uint8Array(raw.buffer));
    });
  }

  scalar(value: number, dtype: DType = "float32"): string {
    return this.once(`${dtype}:${Object.is(value, -0) ? "-0" : value}`, () => {
      const data =
        dtype === "float32" ? Float32Array.of(value) : dtype === "int32" ? Int32Array.of(value) : Uint8Array.of(value);
      return this.constant({ shape: [], dtype }, data);
    });
  }

  ones(shape: readonly number[]): string {
    return this.once(`ones:${shape.join()}`, () =>
      this.constant({ shape, dtype: "float32" }, new Float32Array(sizeOf(shape)).fill(1)),
    );
  }

  // Constants are arranged here. The runtime would make a copy for every operator and keep all of
  // them until the session is ready: for large networks several times the size of their weights.

  reshape(x: string, shape: readonly number[]): string {
    const constant = this.initializers.get(x);
    if (constant !== undefined) return this.initializer(shape, constant.dataType, constant.rawData);
    // Without `allowzero`, a 0 would copy the size from the input.
    return this.op("Reshape", [x, this.ints(shape)], shape.includes(0) ? { allowzero: 1 } : {});
  }

  transpose(x: string, perm: readonly number[]): string {
    if (perm.every((axis, i) => axis === i)) return x;
    const constant = this.initializers.get(x);
    if (constant?.dataType !== ONNX_TYPE.float32) return this.op("Transpose", [x], { perm });
    const shape = perm.map((axis) => constant.dims[axis]!);
    const bytes = transposed(constant.rawData, constant.dims, perm);
    this.arranged.add(bytes.buffer);
    return this.initializer(shape, constant.dataType, bytes);
  }

  /**
   * The bytes of the model.
   *
   * @param beside receives large constants by name. The model then has their names alone, as
   *   external data. Default: the model has all bytes.
   */
  model(beside?: Map<string, LargeConstant>): Uint8Array {
    const used = namesRead(this.nodes);
    const constants = [...this.initializers.values()].filter(({ name }) => used.has(name));
    const graph = {
      name: "ergodic",
      node: this.nodes,
      initializer: constants.map((constant) => {
        const { rawData, ...described } = constant;
        if (beside === undefined || rawData.byteLength < LARGE_CONSTANT) return constant;
        beside.set(constant.name, { bytes: rawData, own: this.arranged.has(rawData.buffer) });
        return { ...described, dataLocation: EXTERNAL, externalData: [{ key: "location", value: constant.name }] };
      }),
      input: this.inputs,
      output: this.outputs,
    };
    const opsetImport = [...this.domains].map((domain) => ({ domain, version: domain === "" ? 18 : 1 }));
    return encode(model, { irVersion: 8, opsetImport, graph });
  }
}
