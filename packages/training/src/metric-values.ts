/** Checks the metrics of an update and converts them to numbers. */
import * as tf from "@tensorflow/tfjs-core";
import { describeValue, fail, tree, type Tree } from "@ergodic/tensor";
import { isPlainObject } from "./json.js";

/** Field names of metrics.jsonl that metrics must not use. */
const taken = ["iteration", "seconds", "phase"];

/**
 * Metrics by name, as numbers. Scalar tensors are read. They are disposed unless they are part of
 * `state`.
 *
 * @throws ValidationError for a metric that is neither a number nor a numeric scalar tensor
 */
export async function metricValues(metrics: unknown, state: unknown): Promise<Record<string, number>> {
  if (!isPlainObject(metrics))
    fail(`update() returned the metrics ${describeValue(metrics)}`, "numbers by name", "return {} if there are none");
  const kept = new Set(tree.leaves(state as Tree<unknown>));
  try {
    const values: Record<string, number> = {};
    for (const [name, value] of Object.entries(metrics)) values[name] = await numberOf(name, value);
    return values;
  } finally {
    for (const value of Object.values(metrics))
      if (value instanceof tf.Tensor && !kept.has(value) && !value.isDisposed) value.dispose();
  }
}

async function numberOf(name: string, value: unknown): Promise<number> {
  if (taken.includes(name)) fail(`a metric is called "${name}"`, "another name", "the log uses that one itself");
  if (typeof value === "number") return value;
  if (!(value instanceof tf.Tensor)) return refuse(name, describeValue(value));
  const { dtype, shape } = value;
  if (value.isDisposed) return refuse(name, "a tensor that was disposed");
  if (shape.length > 0 || dtype === "string" || dtype === "complex64")
    return refuse(name, `a tensor of ${dtype} of shape [${shape.join(",")}]`);
  return Number((await value.data())[0]);
}

const refuse = (name: string, found: string): never =>
  fail(
    `the metric ${name} is ${found}`,
    "a number or a scalar tensor",
    "reduce it to one number, for example by tf.mean",
  );
