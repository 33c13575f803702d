/** Numbers of tensors, for backends whose memory the host can read synchronously. */
import type * as tf from "@tensorflow/tfjs-core";
import type { TypedArray } from "../graph.js";

export const read = (backend: unknown, { dataId }: tf.TensorInfo): TypedArray =>
  (backend as tf.KernelBackend).readSync(dataId) as TypedArray;

export const write = (
  backend: unknown,
  values: TypedArray,
  { shape, dtype }: Pick<tf.TensorInfo, "shape" | "dtype">,
): tf.TensorInfo => ({ dataId: (backend as tf.KernelBackend).write(values, shape, dtype), shape, dtype });

export const free = (backend: unknown, { dataId }: tf.TensorInfo): void => {
  (backend as tf.KernelBackend).disposeData(dataId);
};
