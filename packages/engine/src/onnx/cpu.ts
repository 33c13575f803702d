/** ONNX Runtime for Node on the CPU. */
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { Executor } from "../executor.js";
import { provenBlock } from "./blocked/probe.js";
import { physicalCores } from "./cores.js";
import { provenEnd } from "./given-arrays.js";
import { counted, onnxExecutor, quiet } from "./executor.js";
import type { OnnxRuntime } from "./runtime.js";

/**
 * Session options, chosen by measurement:
 *
 * - Memory patterns are off. They are created for later calls, but cost more than they save:
 *   programs take 10 to 30 % longer and up to 60 MiB more.
 * - The pool has one thread per physical core, unless the caller or `ERGODIC_THREADS` says otherwise.
 * - Idle threads look for work for 50 µs before they sleep. On an idle machine that is as fast as the
 *   default of about a millisecond, which makes learning half as fast where others compute too.
 * - `force_spinning_stop` stops the idle pools of other sessions from using the processors. Without
 *   it a process with many programs runs two to three times slower.
 */
const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  ...quiet,
  intraOpNumThreads: threads,
  enableMemPattern: false,
  extra: { session: { force_spinning_stop: "1", intra_op: { spin_duration_us: "50" } } },
});

/** Programs of fewer kernels load within seconds. */
const MOST_OPTIMISED = 10_000;

export async function createOnnxExecutor(
  runtime: OnnxRuntime,
  threads = physicalCores(),
): Promise<{ executor: Executor; description: string }> {
  const options = sessionOptions(threads);
  const block = await provenBlock(async (model, feeds) => {
    const session = await runtime.InferenceSession.create(model, options);
    try {
      const named = feeds.map(({ data, shape }, i) => [`in${i}`, new runtime.Tensor("float32", data, shape)]);
      return (await session.run(Object.fromEntries(named))) as Record<string, OnnxTensor>;
    } finally {
      await session.release();
    }
  });
  const end = await provenEnd(runtime, options);
  const layout = block === undefined ? "" : `, ${block} channels a block`;
  return {
    description: `ONNX Runtime ${runtime.env.versions.node ?? ""}`.trim() + ` (CPU, ${counted(threads)}${layout})`,
    executor: onnxExecutor(runtime, {
      ...{ session: options, mostOptimised: MOST_OPTIMISED, block, end },
      ...{ structured: true, externalConstants: true },
    }),
  };
}
