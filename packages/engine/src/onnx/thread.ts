/** ONNX Runtime in another thread of the process. */
import type { Worker } from "node:worker_threads";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { EngineError } from "../errors.js";
import type { TypedArray } from "../graph.js";
import type { OnnxRuntime } from "./runtime.js";

type Arrays = Readonly<Record<string, { type: string; data: TypedArray; dims: readonly number[] }>>;

/** What a thread is asked for, each with the number of the session. */
type Request =
  | { readonly kind: "create"; readonly model: Uint8Array; readonly options: InferenceSession.SessionOptions }
  | { readonly kind: "run"; readonly feeds: Arrays }
  | { readonly kind: "release" };

interface Asked {
  readonly number: number;
  readonly session: number;
  readonly request: Request;
}

interface Answer {
  readonly number: number;
  readonly results?: Readonly<Record<string, TypedArray>>;
  readonly error?: string;
}

/** Port of a worker. */
interface Port {
  on(event: "message", listener: (asked: Asked) => void): void;
  postMessage(answer: Answer, moved: ArrayBufferLike[]): void;
}

/**
 * Answers requests, one after the other. The text of this function is the program of the thread.
 *
 * No function in it has a name: bundlers that keep names would call a function of their own for it.
 */
function serve(port: Port, runtime: OnnxRuntime): void {
  const sessions = new Map<number, { session: InferenceSession; feeds: Record<string, OnnxTensor> }>();
  let last: Promise<unknown> = Promise.resolve();
  port.on("message", ({ number, session: key, request }) => {
    last = last
      .then(async (): Promise<Answer["results"]> => {
        if (request.kind === "create") {
          sessions.set(key, {
            session: await runtime.InferenceSession.create(request.model, request.options),
            feeds: {},
          });
          return undefined;
        }
        const { session, feeds } = sessions.get(key)!;
        if (request.kind === "release") {
          sessions.delete(key);
          await session.release();
          return undefined;
        }
        for (const [name, { type, data, dims }] of Object.entries(request.feeds)) {
          // The runtime does not read shared memory.
          feeds[name] ??= new runtime.Tensor(type as "float32", data.slice() as Float32Array, dims);
          (feeds[name].data as TypedArray).set(data);
        }
        const results = await session.run(feeds);
        return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as TypedArray]));
      })
      .then(
        (results) =>
          port.postMessage(
            { number, results },
            Object.values(results ?? {}).map(({ buffer }) => buffer),
          ),
        (error: unknown) => port.postMessage({ number, error: (error as Error).message }, []),
      );
  });
}

interface Pending {
  readonly resolve: (results: Answer["results"]) => void;
  readonly reject: (error: Error) => void;
}

/** A thread. It keeps the process alive only while it owes an answer. */
class Thread {
  private readonly worker: Worker;
  private readonly pending = new Map<number, Pending>();
  private numbers = 0;
  private failure: Error | undefined;

  constructor() {
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const { createRequire } = process.getBuiltinModule("node:module");
    const path = createRequire(import.meta.url).resolve("onnxruntime-node");
    const code = `
      const { parentPort, workerData } = process.getBuiltinModule("node:worker_threads");
      (${String(serve)})(parentPort, require(workerData.path));`;
    this.worker = new Worker(code, { eval: true, execArgv: [], workerData: { path } });
    this.worker.unref();
    this.worker.on("message", (answer: Answer) => this.settle(answer));
    this.worker.on("error", (error) => this.fail(error));
    this.worker.on("exit", () => this.fail(new Error("it has ended")));
  }

  ask(session: number, request: Request): Promise<Answer["results"]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const number = this.numbers++;
    return new Promise((resolve, reject) => {
      this.pending.set(number, { resolve, reject });
      this.worker.ref();
      this.worker.postMessage({ number, session, request } satisfies Asked);
    });
  }

  private settle({ number, results, error }: Answer): void {
    const { resolve, reject } = this.pending.get(number)!;
    this.pending.delete(number);
    if (this.pending.size === 0) this.worker.unref();
    if (error === undefined) resolve(results);
    else reject(new Error(error));
  }

  private fail(error: Error): void {
    this.failure ??= new EngineError(`a thread of ONNX Runtime has failed: ${error.message}`, { cause: error });
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
  }
}

/** Feeds in memory that the thread reads too, used again by later runs. */
class SharedFeeds {
  private readonly idle: Record<string, TypedArray>[] = [];

  async use<T>(feeds: Readonly<Record<string, OnnxTensor>>, run: (shared: Arrays) => Promise<T>): Promise<T> {
    const arrays = this.idle.pop() ?? {};
    const shared = Object.entries(feeds).map(([name, { type, data, dims }]) => {
      const own = data as TypedArray;
      const Numbers = own.constructor as Float32ArrayConstructor;
      const array = (arrays[name] ??= new Numbers(new SharedArrayBuffer(own.byteLength) as unknown as ArrayBuffer));
      array.set(own);
      return [name, { type, data: array, dims }] as const;
    });
    try {
      return await run(Object.fromEntries(shared));
    } finally {
      this.idle.push(arrays);
    }
  }
}

const threads: Thread[] = [];
let sessions = 0;

/**
 * The runtime in a thread of its own, which starts when it is first asked for. Sessions are created
 * and run there.
 *
 * @param number of the thread, from 0
 * @throws Error where Node refuses to start a thread, or finds no `onnxruntime-node` beside this file.
 */
export function runtimeInThread({ Tensor, env }: OnnxRuntime, number: number): OnnxRuntime {
  const thread = (threads[number] ??= new Thread());
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions) => {
    const session = sessions++;
    const shared = new SharedFeeds();
    await thread.ask(session, { kind: "create", model, options });
    return {
      async run(given: Record<string, OnnxTensor>) {
        const results = await shared.use(given, (feeds) => thread.ask(session, { kind: "run", feeds }));
        return Object.fromEntries(Object.entries(results!).map(([name, data]) => [name, { data }]));
      },
      release: () => thread.ask(session, { kind: "release" }),
    };
  };
  return { Tensor, env, InferenceSession: { create } as unknown as OnnxRuntime["InferenceSession"] };
}
