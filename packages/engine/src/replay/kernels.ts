/**
 * Direct access to the kernels of a TensorFlow.js backend, without tape, scopes or tracking of
 * tensors.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { GraphNode, TensorSpec, TypedArray } from "../graph.js";

export interface Kernels {
  has(kernel: string): boolean;
  /** Runs a node on its inputs, in the node's order. The caller disposes the results. */
  run(node: GraphNode, inputs: readonly tf.TensorInfo[]): tf.TensorInfo[];
  write(data: TypedArray, spec: TensorSpec): tf.TensorInfo;
  read(tensor: tf.TensorInfo): TypedArray;
  /** Another handle of the same numbers, to be disposed separately. */
  share(tensor: tf.TensorInfo): tf.TensorInfo;
  /** The result as a tensor that TensorFlow.js tracks and the caller owns. */
  publish(tensor: tf.TensorInfo): tf.Tensor;
  dispose(tensor: tf.TensorInfo): void;
}

/** Kernels such as Concat take a list. The recorder names its entries 0, 1, ... */
function named(node: GraphNode, inputs: readonly tf.TensorInfo[]): tf.NamedTensorInfoMap {
  if (node.inputs.every(({ name }, i) => name === String(i))) return [...inputs] as unknown as tf.NamedTensorInfoMap;
  return Object.fromEntries(node.inputs.map(({ name }, i) => [name, inputs[i]!]));
}

/** The kernels of a backend, or undefined if it is not loaded. */
export function kernelsOf(backendName: string): Kernels | undefined {
  const backend = tf.findBackend(backendName) as tf.KernelBackend | null;
  if (backend === null) return undefined;
  const call = (kernel: string, inputs: tf.NamedTensorInfoMap, attrs: GraphNode["attrs"]): tf.TensorInfo[] =>
    [tf.getKernel(kernel, backendName).kernelFunc({ inputs, attrs: attrs as tf.NamedAttrMap, backend })].flat();
  return {
    has: (kernel) => tf.getKernel(kernel, backendName) !== undefined,
    run: (node, inputs) => call(node.kernel, named(node, inputs), node.attrs),
    write: (data, { shape, dtype }) => ({ dataId: backend.write(data, [...shape], dtype), shape: [...shape], dtype }),
    read: ({ dataId, dtype }) => tf.util.toTypedArray(backend.readSync(dataId) as TypedArray, dtype) as TypedArray,
    share: (x) => call("Identity", { x }, {})[0]!,
    publish: (tensor) => (tensor instanceof tf.Tensor ? tensor : tf.engine().makeTensorFromTensorInfo(tensor, backend)),
    dispose: (tensor) => {
      if (tensor instanceof tf.Tensor) tensor.dispose();
      else backend.disposeData(tensor.dataId);
    },
  };
}
