/** Reads tensors to the host, in the form that safetensors files store. */
import type * as tf from "@tensorflow/tfjs-core";
import type { HostTensor } from "@ergodic/training";

/** Reads a tensor. @throws Error for types that the file format does not support. */
export async function hostTensor(name: string, tensor: tf.Tensor): Promise<HostTensor> {
  const { dtype, shape } = tensor;
  if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") throw new Error(`${name} is of type ${dtype}`);
  return { name, dtype, shape, values: await tensor.data<typeof dtype>() };
}
