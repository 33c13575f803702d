/** ONNX Runtime for Node on the CPU. */
import type { RowProduct } from "@ergodic/linear-algebra";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import type { EngineParts } from "../engines/engine.js";
import { optional } from "../engines/optional.js";
import type { Executor } from "../executor.js";
import { withSmallPrograms } from "../host/small-programs.js";
import { sharingRows } from "./sharing-rows.js";
import { provenBlock } from "./blocked/probe.js";
import { physicalCores } from "./cores.js";
import { provenEnd } from "./given-arrays.js";
import { counted, onnxExecutor, proveProvider, quiet, type OnnxOptions } from "./executor.js";
import { provenRowProduct, type NativeBinding } from "./row-product.js";
import type { OnnxRuntime } from "./runtime.js";
import { runtimeInThread } from "./thread.js";

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
const MOST_OPTIMISED = 7_000;

/** A millisecond of work. Waking a thread and joining the results take a tenth of that. */
const LEAST_SHARED = 1e6;

export async function createOnnxExecutor(
  runtime: OnnxRuntime,
  threads = physicalCores(),
): Promise<Pick<EngineParts, "executor" | "description" | "provenRowProduct">> {
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
  const native = await optional<NativeBinding>("onnxruntime-node/dist/binding.js").catch(() => undefined);
  let proven: { readonly product: RowProduct | undefined } | undefined;
  const executor = (one: OnnxRuntime, count: number, given: Pick<OnnxOptions, "end" | "inThread">): Executor =>
    onnxExecutor(one, {
      ...{ session: sessionOptions(count), mostOptimised: MOST_OPTIMISED, block, ...given },
      ...{ structured: true, externalConstants: true },
    });
  const executorInThread = async (number: number): Promise<Executor> => {
    const one = runtimeInThread(runtime, number);
    return executor(one, 1, { end: await provenEnd(one, sessionOptions(1)), inThread: true });
  };
  const alone = executor(runtime, 1, { end });
  /** Executors of other threads, by the number of the thread. */
  const others: Promise<Executor | undefined>[] = [];
  const start = async (most: number): Promise<Executor[]> => {
    for (let i = others.length; i < most - 1; i++) others.push(working(() => executorInThread(i)));
    const found = await Promise.all(others.slice(0, most - 1));
    return [...found.filter((one) => one !== undefined), alone];
  };
  const layout = block === undefined ? "" : `, ${block} channels a block`;
  return {
    provenRowProduct: () => (proven ??= { product: provenRowProduct(runtime, native, options) }).product,
    description: `ONNX Runtime ${runtime.env.versions.node ?? ""}`.trim() + ` (CPU, ${counted(threads)}${layout})`,
    executor: withSmallPrograms(
      sharingRows(executor(runtime, threads, { end }), { most: threads, leastWork: LEAST_SHARED, start }),
    ),
  };
}

/** The executor if it works, as it does not where threads are forbidden. */
async function working(start: () => Promise<Executor>): Promise<Executor | undefined> {
  try {
    const executor = await start();
    await proveProvider(executor);
    return executor;
  } catch {
    return undefined;
  }
}
