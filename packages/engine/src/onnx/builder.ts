/** Collects ONNX nodes and initialisers under fresh names, and writes the model (opset 18). */
import { sizeOf, type DType, type TensorSpec, type TypedArray } from "../graph.js";
import { encode } from "../protobuf/encode.js";
import { transposed } from "./constant-layout.js";
import { model } from "./messages.js";
import { named, needed, type Operators, type OnnxNode } from "./operators.js";

export const ONNX_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/**
 * Operators of a branch or a loop, with the names of its inputs and results. They may also read
 * values of the outer graph.
 */
interface Subgraph {
  readonly node: Operators;
  readonly inputs: readonly object[];
  readonly results: readonly string[];
}

/**
 * An attribute of an ONNX operator. `float` and `floats` mark numbers that must not be written as
 * integers.
 */
export type OnnxAttribute =
  number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] };

/** The operators of a graph, in order, and the results of those that are there once. */
export interface Scope {
  readonly nodes: OnnxNode[];
  readonly results: Map<string, readonly string[]>;
}

const emptyScope = (): Scope => ({ nodes: [], results: new Map() });

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

const attribute = (name: string, value: OnnxAttribute | Subgraph): object => {
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

/** An attribute as a text, which differs where attributes of a name differ. */
function textOf(value: OnnxAttribute): string {
  if (typeof value !== "object" || Array.isArray(value)) return String(value);
  const floats = "float" in value ? [value.float] : (value as { readonly floats: readonly number[] }).floats;
  return floats.map((x) => (Object.is(x, -0) ? "-0" : x)).join();
}

/** A text that differs where operators differ. */
function keyOf(
  opType: string,
  input: readonly string[],
  count: number,
  attributes: Record<string, OnnxAttribute>,
  domain: string,
): string {
  const settings = Object.entries(attributes).map(([name, value]) => `${name}=${textOf(value)}`);
  return [domain, opType, count, ...settings, ...input].join("\n");
}

const areEqual = (a: readonly number[] | undefined, b: readonly number[]): boolean =>
  a?.length === b.length && a.every((size, i) => size === b[i]);

const valueInfo = (name: string, { shape, dtype }: TensorSpec, docString = "") => ({
  name,
  docString,
  type: { tensorType: { elemType: ONNX_TYPE[dtype], shape: { dim: shape.map((size) => ({ dimValue: size })) } } },
});

export class OnnxBuilder {
  private current = emptyScope();
  private readonly initializers = new Map<string, Initializer>();
  private readonly shared = new Map<string, string>();
  /** Memory of constants that were arranged here. */
  private readonly arranged = new Set<ArrayBufferLike>();
  private readonly inputs: object[] = [];
  private readonly outputs: { readonly name: string; readonly type: object }[] = [];
  /** The names of outputs of the model, with the tensors that they are. */
  private readonly sources = new Map<string, string>();
  /** Shapes of tensors, as far as they are known. */
  private readonly shapes = new Map<string, readonly number[]>();
  /** The tensors that others are reshapes of. */
  private readonly reshaped = new Map<string, string>();
  private readonly domains = new Set([""]);
  private count = 0;
  /**
   * The graph node that the following operators belong to. Failures at run time contain this name.
   */
  origin = "";

  /** @param structured whether the executor runs branches and loops well. Default false. */
  constructor(readonly structured = false) {}

  /**
   * A new name. ONNX Runtime compares names with those of all inputs, which takes long if many are
   * as long.
   */
  private fresh(): string {
    return `v${(this.count++).toString(36)}`;
  }

  input(name: string, spec: TensorSpec, description?: string): void {
    this.inputs.push(valueInfo(name, spec, description));
    this.known(name, spec.shape);
  }

  output(source: string, name: string, spec: TensorSpec): void {
    this.sources.set(name, source);
    this.outputs.push(valueInfo(name, spec));
  }

  /** Notes the shape of a tensor, so that reshapes to it are left out. */
  known(name: string, shape: readonly number[]): void {
    this.shapes.set(name, shape);
  }

  /** An output that is no tensor: an empty sequence. */
  noTensor(name: string): void {
    this.current.nodes.push({ opType: "SequenceEmpty", input: [], output: [name] });
    const elemType = { tensorType: { elemType: ONNX_TYPE.float32 } };
    this.outputs.push({ name, type: { sequenceType: { elemType } } });
  }

  /**
   * An operator with `count` outputs, added unless the graph has it. The empty string stands for an
   * absent optional input.
   */
  many(
    opType: string,
    input: readonly string[],
    count: number,
    attributes: Record<string, OnnxAttribute> = {},
    domain = "",
  ): string[] {
    const key = keyOf(opType, input, count, attributes, domain);
    const known = this.current.results.get(key);
    if (known !== undefined) return [...known];
    const output = this.added(opType, input, count, attributes, domain);
    this.current.results.set(key, output);
    return output;
  }

  private added(
    opType: string,
    input: readonly string[],
    count: number,
    attributes: Record<string, OnnxAttribute | Subgraph>,
    domain = "",
  ): string[] {
    this.domains.add(domain);
    const output = Array.from({ length: count }, () => this.fresh());
    const attributeList = Object.entries(attributes).map(([name, value]) => attribute(name, value));
    this.current.nodes.push({
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

  /** The result of an operator with one output, if the graph that operators are added to has it. */
  existing(
    opType: string,
    input: readonly string[],
    attributes: Record<string, OnnxAttribute> = {},
  ): string | undefined {
    return this.current.results.get(keyOf(opType, input, 1, attributes, ""))?.[0];
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
    return this.added("If", [condition], count, { then_branch, else_branch });
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
    return this.added("Scan", inputs, body.results.length, {
      body,
      num_scan_inputs: operands.length - states.length,
    });
  }

  private inside(inputs: readonly object[], make: () => readonly string[]): Subgraph {
    const scope = emptyScope();
    const results = this.within(scope, make);
    // A result that another graph made, or that is listed twice, gets a name of its own.
    const free = new Set(scope.nodes.flatMap(({ output }) => output));
    const own = results.map((name) =>
      free.delete(name) ? name : this.within(scope, () => this.added("Identity", [name], 1, {})[0]!),
    );
    return { node: scope.nodes, inputs, results: own };
  }

  /** The graph that operators are added to: the model's, or that of a branch or a loop. */
  get scope(): Scope {
    return this.current;
  }

  /** Adds the operators of `make` to `scope`. */
  within<T>(scope: Scope, make: () => T): T {
    const own = this.current;
    this.current = scope;
    const result = make();
    this.current = own;
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
    const source = this.reshaped.get(x) ?? x;
    if (areEqual(this.shapes.get(source), shape)) return source;
    // Without `allowzero`, a 0 would copy the size from the input.
    const name = this.op("Reshape", [source, this.ints(shape)], shape.includes(0) ? { allowzero: 1 } : {});
    this.reshaped.set(name, source);
    return name;
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
    const results = [...this.outputs.map(({ name }) => name), ...this.sources.values()];
    const { nodes, used } = needed(this.current.nodes, results);
    const constants = [...this.initializers.values()].filter(({ name }) => used.has(name));
    const graph = {
      name: "ergodic",
      node: named(nodes, this.sources),
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
