/** Tensors of chains on the host. */
import type * as tf from "@tensorflow/tfjs-core";
import { scalarsOf } from "@ergodic/samplers";
import type { HostTensor } from "@ergodic/training";

/** A tensor `[chains, draws]` as one array a chain. */
export const rowsOf = (tensor: tf.Tensor): Float64Array[] => [...([...scalarsOf(tensor)][0]?.chains ?? [])];

/** A tensor as a file holds it. @throws Error for types that files of draws don't have. */
export async function hostTensor(name: string, tensor: tf.Tensor): Promise<HostTensor> {
  const { dtype, shape } = tensor;
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") throw new Error(`${name} is of type ${dtype}`);
  return { name, dtype, shape, values: await tensor.data<typeof dtype>() };
}
