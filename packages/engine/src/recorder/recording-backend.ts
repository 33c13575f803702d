/**
 * A TensorFlow.js backend that computes nothing: each kernel call becomes a node of the graph.
 *
 * - Kernels return symbolic tensors.
 * - A tensor with values, captured from outside or created inside (`tf.scalar(0.5)`), becomes a
 *   constant. Captured tensors stay on their own backend.
 * - A captured variable becomes an input, because its value may change between calls.
 */
import * as tf from "@tensorflow/tfjs-core";
import { sourceLine } from "../debug.js";
import { traceError, UnsupportedKernelError } from "../errors.js";
import type {
  Constant,
  DType,
  Graph,
  GraphInput,
  GraphNode,
  InputSource,
  TensorSpec,
  TypedArray,
  Value,
} from "../graph.js";
import { numbersOf } from "../numbers.js";
import { constantKernels } from "./constant-kernels.js";
import { decompositions } from "./decompositions.js";
import { shapeRules, type KernelAttrs } from "./shape-rules.js";

export const RECORDING_BACKEND = "ergodic-recording";

function assertCompilable(dtype: tf.DataType): asserts dtype is DType {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return;
  throw traceError(
    `a ${dtype} tensor cannot be compiled; expected float32, int32 or bool. Convert it before the call.`,
  );
}

function assertAlive(tensor: tf.TensorInfo): void {
  if (!(tensor instanceof tf.Tensor) || !tensor.isDisposed) return;
  throw traceError(
    "a compiled function captured a tensor that was disposed before it was recorded. Keep the tensor while the function may be " +
      "recorded for other arguments, or pass it as an argument.",
  );
}

/** The data object of a symbolic tensor: the value of a recording that it stands for. */
class Symbolic {
  constructor(
    readonly recording: Recording,
    readonly id: number,
  ) {}
}

/** The data object of a tensor that was created while recording. All others have their own backend. */
class Stored {
  constructor(readonly values: TypedArray) {}
}

/** The content of one recording, and the kernels it may contain. */
export class Recording {
  readonly inputs: GraphInput[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: GraphNode[] = [];
  /** Captured variables, in the order of their first use. */
  readonly variables: tf.Variable[] = [];
  /**
   * Ids of tensors with values. These may share their data with tensors of another shape or type, and
   * the data of a variable changes when the variable is assigned.
   */
  private readonly ids = new WeakMap<object, number>();
  private count = 0;

  constructor(
    readonly engine: string,
    readonly supports: (kernel: string) => boolean,
    readonly alternatives: readonly string[],
  ) {}

  newValue({ shape, dtype }: TensorSpec): Value {
    return { id: this.count++, shape: [...shape], dtype };
  }

  /** The value that a tensor with numbers becomes. */
  newValueOf(tensor: tf.TensorInfo): Value {
    const value = this.newValue(tensor as TensorSpec);
    this.ids.set(tensor, value.id);
    return value;
  }

  idOfData(data: object): number | undefined {
    return data instanceof Symbolic && data.recording === this ? data.id : undefined;
  }

  idOf(tensor: tf.TensorInfo): number | undefined {
    return this.idOfData(tensor.dataId) ?? this.ids.get(tensor);
  }

  /** The kernel that wrote the value, for error messages. */
  originOf(id: number): string {
    const node = this.nodes.find((candidate) => candidate.outputs.some((value) => value.id === id));
    return node ? `the result of ${node.kernel}` : "an argument";
  }

  finish(outputs: readonly number[]): Graph {
    return { inputs: this.inputs, constants: this.constants, nodes: this.nodes, outputs };
  }
}

const isGiven = (info: tf.TensorInfo | null | undefined): boolean => info !== undefined && info !== null;

/** Kernels that only rename a tensor. Nothing is recorded for them. */
const isRenaming = (kernel: string, attrs: KernelAttrs, first: tf.TensorInfo): boolean =>
  kernel === "Identity" || (kernel === "Cast" && attrs["dtype"] === first.dtype);

export class RecordingBackend extends tf.KernelBackend {
  recording: Recording | undefined;

  private get current(): Recording {
    if (this.recording === undefined) {
      throw traceError(
        "a tensor of a recorded function was used after the recording ended; return it from the compiled function instead.",
      );
    }
    return this.recording;
  }

  /** A symbolic tensor whose numbers are fed at each call. */
  addInput(spec: TensorSpec, source: InputSource): tf.Tensor {
    const value = this.current.newValue(spec);
    this.current.inputs.push({ value, source });
    return this.symbol(value);
  }

  /** A symbolic tensor for a value of the recording. */
  symbol = ({ id, shape, dtype }: Value): tf.Tensor =>
    tf.engine().makeTensorFromDataId(new Symbolic(this.current, id), [...shape], dtype, this);

  /**
   * The graph's id of a tensor. A variable becomes an input, any other tensor with values a
   * constant.
   */
  idIn(tensor: tf.TensorInfo): number {
    const recording = this.current;
    const known = recording.idOf(tensor);
    if (known !== undefined) return known;
    assertCompilable(tensor.dtype);
    assertAlive(tensor);
    const value = recording.newValueOf(tensor);
    if (tensor instanceof tf.Variable) {
      const index = recording.variables.push(tensor) - 1;
      recording.inputs.push({ value, source: { kind: "variable", index } });
    } else {
      const { dataId } = tensor;
      recording.constants.push({ value, data: dataId instanceof Stored ? dataId.values : numbersOf(tensor) });
    }
    return value.id;
  }

  recordKernel(kernel: string, named: tf.NamedTensorInfoMap, attrs: KernelAttrs): tf.TensorInfo | tf.TensorInfo[] {
    const recording = this.current;
    const given = Object.keys(named).filter((name) => isGiven(named[name]));
    const first = named[given[0]!]!;
    if (isRenaming(kernel, attrs, first)) {
      return { dataId: new Symbolic(recording, this.idIn(first)), shape: first.shape, dtype: first.dtype };
    }
    const constant = constantKernels[kernel]?.(attrs);
    if (constant !== undefined) {
      const { shape, dtype, values } = constant;
      return { dataId: this.write(values, [...shape], dtype), shape: [...shape], dtype };
    }
    const decomposition = decompositions[kernel];
    if (decomposition !== undefined) {
      return decomposition((...call) => this.recordKernel(...call) as tf.TensorInfo, named, attrs);
    }
    const rule = shapeRules[kernel];
    if (rule === undefined || !recording.supports(kernel)) {
      throw new UnsupportedKernelError(kernel, recording.engine, recording.alternatives, sourceLine());
    }
    const specs: Record<string, TensorSpec> = {};
    for (const name of given) specs[name] = named[name] as TensorSpec;
    const result = rule(specs, attrs);
    const inputs = given.map((name) => ({ name, id: this.idIn(named[name]!) }));
    const outputs = (Array.isArray(result) ? result : [result]).map((spec) => recording.newValue(spec));
    const origin = sourceLine();
    const node = { kernel, inputs, attrs: { ...attrs }, outputs };
    recording.nodes.push(origin === undefined ? node : { ...node, origin });
    const info = ({ id, shape, dtype }: Value): tf.TensorInfo => ({
      dataId: new Symbolic(recording, id),
      shape: [...shape],
      dtype,
    });
    return Array.isArray(result) ? outputs.map(info) : info(outputs[0]!);
  }

  override write(values: tf.backend_util.BackendValues, _shape: number[], dtype: tf.DataType): tf.DataId {
    assertCompilable(dtype);
    const array = Array.isArray(values) ? tf.util.toTypedArray(values as unknown as number[], dtype) : values;
    return new Stored(array as TypedArray);
  }
  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    if (dataId instanceof Stored) return dataId.values;
    const id = this.recording?.idOfData(dataId);
    if (id === undefined) {
      throw traceError(
        "a tensor that another recording made was used; it never had values. Pass tensors into a compiled function as arguments and take results from what it returns.",
      );
    }
    throw traceError(
      `a compiled function read the value of ${this.current.originOf(id)} (dataSync, arraySync, data, print, or an operation that needs ` +
        "values, such as booleanMask). Its numbers exist only when the program runs. Return the tensor and read it after the call; " +
        "replace an `if` on a value by tf.where; pass numbers that shape the computation as plain arguments.",
    );
  }
  override async read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }
  override disposeData(): boolean {
    return true;
  }
  override refCount(): number {
    return 1;
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0;
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {}
}

let shared: RecordingBackend | undefined;

/** The recording in progress, if there is one. */
export const currentRecording = (): Recording | undefined => shared?.recording;

/**
 * The single recording backend.
 *
 * On first use it is registered with TensorFlow.js, with every kernel that TensorFlow.js names.
 */
export function recordingBackend(): RecordingBackend {
  if (shared !== undefined) return shared;
  const backend = new RecordingBackend();
  tf.registerBackend(RECORDING_BACKEND, () => backend, 0);
  tf.findBackend(RECORDING_BACKEND);
  const names = Object.entries(tf)
    .filter(([name, value]) => name === value)
    .map(([, value]) => value as string);
  for (const kernelName of new Set([...names, ...Object.keys(shapeRules)])) {
    tf.registerKernel({
      kernelName,
      backendName: RECORDING_BACKEND,
      kernelFunc: ({ inputs, attrs }) => backend.recordKernel(kernelName, inputs, (attrs ?? {}) as KernelAttrs),
    });
  }
  shared = backend;
  return backend;
}
