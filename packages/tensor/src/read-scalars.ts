/** Reads named scalars, such as the metrics of an iteration, as numbers. */
import type * as tf from "@tensorflow/tfjs-core";

/** The value of every scalar by its name. The scalars are disposed. */
export async function readScalars(scalars: Readonly<Record<string, tf.Tensor>>): Promise<Record<string, number>> {
  const read = Object.entries(scalars).map(async ([name, scalar]) => [name, (await scalar.data())[0]!] as const);
  try {
    return Object.fromEntries(await Promise.all(read));
  } finally {
    Object.values(scalars).forEach((scalar) => scalar.dispose());
  }
}
