/**
 * Results in given arrays, without a copy.
 *
 * ONNX Runtime for Node 1.30 copies every result to a new array, also where it wrote the result to a
 * given one. It copies after the run, in the order of the outputs, and an output that is no tensor
 * ends that with an error. A first output of this kind, `end`, therefore leaves the results in the
 * given arrays alone.
 */
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { TypedArray } from "../graph.js";
import { OnnxBuilder } from "./builder.js";
import type { OnnxRuntime } from "./runtime.js";

/** Name of the output that is no tensor. */
export const END = "end";

/**
 * Runs a model whose first output is `end`.
 *
 * @param message that of the error which `end` causes
 */
export async function runInto(
  session: InferenceSession,
  feeds: Readonly<Record<string, OnnxTensor>>,
  results: Readonly<Record<string, OnnxTensor>>,
  message: string,
): Promise<void> {
  try {
    await session.run(feeds, { [END]: null, ...results });
  } catch (error) {
    if (!(error instanceof Error) || error.message !== message) throw error;
  }
}

/**
 * The message of the error which `end` causes, if the results are then in the given arrays.
 * Undefined where the runtime does something else.
 */
export async function provenEnd(
  runtime: Pick<OnnxRuntime, "InferenceSession" | "Tensor">,
  options: InferenceSession.SessionOptions,
): Promise<string | undefined> {
  const spec = { shape: [2], dtype: "float32" } as const;
  const builder = new OnnxBuilder();
  builder.input("in0", spec);
  builder.noTensor(END);
  builder.output(builder.op("Add", ["in0", "in0"]), "out0", spec);
  const tensor = (data: TypedArray): OnnxTensor => new runtime.Tensor("float32", data as never, [2]);
  const sum = Float32Array.of(0, 0);
  try {
    const session = await runtime.InferenceSession.create(builder.model(), options);
    try {
      await session.run({ in0: tensor(Float32Array.of(3, 5)) }, { [END]: null, out0: tensor(sum) });
      return undefined;
    } catch (error) {
      return sum[0] === 6 && sum[1] === 10 ? (error as Error).message : undefined;
    } finally {
      await session.release();
    }
  } catch {
    return undefined;
  }
}
