/** One TensorFlow.js backend's kernels, called one at a time: no tape, no scopes, no tensors that TensorFlow.js keeps count of. */
import * as tf from "@tensorflow/tfjs-core";
import type { GraphNode, TensorSpec, TypedArray } from "../graph.js";

export interface Kernels {
  has(kernel: string): boolean;
  /** Runs a node on its inputs, in the node's order. The caller disposes the results. */
  run(node: GraphNode, inputs: readonly tf.TensorInfo[]): tf.TensorInfo[];
  write(data: TypedArray, spec: TensorSpec): tf.TensorInfo;
  read(tensor: tf.TensorInfo): TypedArray;
  dispose(tensor: tf.TensorInfo): void;
}

/** Kernels such as Concat take a list; the recorder names its entries 0, 1, ... */
function named(node: GraphNode, inputs: readonly tf.TensorInfo[]): tf.NamedTensorInfoMap {
  if (node.inputs.every(({ name }, i) => name === String(i))) return [...inputs] as unknown as tf.NamedTensorInfoMap;
  return Object.fromEntries(node.inputs.map(({ name }, i) => [name, inputs[i]!]));
}

/** The kernels of a backend; undefined where it is not loaded. */
export function kernelsOf(backendName: string): Kernels | undefined {
  const backend = tf.findBackend(backendName) as tf.KernelBackend | null;
  if (backend === null) return undefined;
  return {
    has: (kernel) => tf.getKernel(kernel, backendName) !== undefined,
    run(node, inputs) {
      const { kernelFunc } = tf.getKernel(node.kernel, backendName);
      return [kernelFunc({ inputs: named(node, inputs), attrs: { ...node.attrs } as tf.NamedAttrMap, backend })].flat();
    },
    write: (data, { shape, dtype }) => ({ dataId: backend.write(data, [...shape], dtype), shape: [...shape], dtype }),
    read: ({ dataId, dtype }) => tf.util.toTypedArray(backend.readSync(dataId) as TypedArray, dtype) as TypedArray,
    dispose: (tensor) => {
      if (tensor instanceof tf.Tensor) tensor.dispose();
      else backend.disposeData(tensor.dataId);
    },
  };
}
