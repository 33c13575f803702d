/** ONNX Runtime in another thread of the process. */
import { normalsInThread, serveInHelper, type NormalStreams } from "@ergodic/tensor";
import type { MessagePort } from "node:worker_threads";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { EngineError } from "../errors.js";
import type { TypedArray } from "../graph.js";
import type { OnnxRuntime } from "./runtime.js";
import { Given, SharedMemory, type Arrays, type Feeds, type Fetches } from "./thread-memory.js";

/** What a thread is asked for, each with the number of the session. */
type Request =
  | { readonly kind: "create"; readonly model: Uint8Array; readonly options: InferenceSession.SessionOptions }
  /** `arrays` where the thread does not know those of this number yet. */
  | { readonly kind: "run"; readonly memory: number; readonly arrays: Arrays | undefined }
  | { readonly kind: "release"; readonly memories: readonly number[] };

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

/** The port of the thread. */
interface Port {
  on(event: "message", listener: (asked: Asked) => void): void;
  postMessage(answer: Answer, moved: ArrayBufferLike[]): void;
}

/**
 * Answers requests, one after the other. The text of this function is the program of the thread.
 *
 * No function in it has a name: bundlers that keep names would call a function of their own for it.
 */
function serve(port: Port, runtime: OnnxRuntime, normals: NormalStreams | undefined): void {
  const sessions = new Map<number, InferenceSession>();
  /** The arrays of runs, and tensors with the same numbers in memory that is not shared. */
  const memories = new Map<
    number,
    Arrays & { own: Record<string, OnnxTensor>; into: Record<string, OnnxTensor | null> }
  >();
  let last: Promise<unknown> = Promise.resolve();
  port.on("message", ({ number, session: key, request }) => {
    last = last
      .then(async (): Promise<Answer["results"]> => {
        if (request.kind === "create") {
          sessions.set(key, await runtime.InferenceSession.create(request.model, request.options));
          return undefined;
        }
        const session = sessions.get(key)!;
        if (request.kind === "release") {
          sessions.delete(key);
          for (const memory of request.memories) memories.delete(memory);
          await session.release();
          return undefined;
        }
        if (request.arrays !== undefined) {
          // The runtime does not read shared memory.
          const [own, into]: Record<string, OnnxTensor | null>[] = [{}, {}];
          for (const name of request.arrays.others) into![name] = null;
          for (const [tensors, some] of [
            [own, request.arrays.feeds],
            [into, request.arrays.results ?? []],
          ] as const) {
            for (const { name, type, arrays, dims, plan } of some) {
              const size = dims.reduce((product, side) => product * side, 1);
              const data = plan
                ? normals!.newArray(size)
                : new (arrays[0]!.constructor as Float32ArrayConstructor)(size);
              tensors![name] = new runtime.Tensor(type as "float32", data, dims);
            }
          }
          memories.set(request.memory, { ...request.arrays, own: own as Record<string, OnnxTensor>, into: into! });
        }
        const { feeds, results, own, into } = memories.get(request.memory)!;
        for (const { name, arrays, plan = [] } of feeds) {
          const data = own[name]!.data as Float32Array;
          let at = 0;
          for (const array of arrays) {
            data.set(array, at);
            at += array.length;
          }
          for (let i = 0; i < plan.length; i += 6) {
            const to = at + plan[i + 3]!;
            normals!.fill([plan[i]!, plan[i + 1]!], data.subarray(at, to), plan[i + 4]!, plan[i + 5]!, plan[i + 2]);
            at = to;
          }
        }
        if (results === undefined) {
          const made = await session.run(own);
          return Object.fromEntries(Object.entries(made).map(([name, { data }]) => [name, data as TypedArray]));
        }
        try {
          await session.run(own, into);
        } finally {
          for (const { name, arrays } of results) arrays[0]!.set(into[name]!.data as TypedArray);
        }
        return undefined;
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

/** A helper with ONNX Runtime. It keeps the process alive only while it owes an answer. */
class Thread {
  /** Whether it can draw. */
  readonly draws: boolean;
  private readonly port: MessagePort;
  private readonly pending = new Map<number, Pending>();
  private numbers = 0;
  private failure: Error | undefined;

  constructor(number: number) {
    const { createRequire } = process.getBuiltinModule("node:module");
    const path = createRequire(import.meta.url).resolve("onnxruntime-node");
    const normals = normalsInThread();
    this.draws = normals !== undefined;
    const code = `({ path, normals }) => (port) => {
      const { createRequire } = process.getBuiltinModule("node:module");
      const streams = normals && (0, eval)("(" + normals.code + ")")(normals.data);
      (${String(serve)})(port, createRequire(path)(path), streams);
    }`;
    const { port, thread } = serveInHelper(number, code, { path, normals });
    this.port = port;
    port.on("message", (answer: Answer) => this.settle(answer));
    port.on("close", () => this.fail(new Error("it has ended")));
    port.unref();
    thread.on("error", (error) => this.fail(error));
  }

  ask(session: number, request: Request): Promise<Answer["results"]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const number = this.numbers++;
    return new Promise((resolve, reject) => {
      this.pending.set(number, { resolve, reject });
      this.port.ref();
      this.port.postMessage({ number, session, request } satisfies Asked);
    });
  }

  private settle({ number, results, error }: Answer): void {
    const { resolve, reject } = this.pending.get(number)!;
    this.pending.delete(number);
    if (this.pending.size === 0) this.port.unref();
    if (error === undefined) resolve(results);
    else reject(new Error(error));
  }

  private fail(error: Error): void {
    this.failure ??= new EngineError(`a thread of ONNX Runtime has failed: ${error.message}`, { cause: error });
    for (const { reject } of this.pending.values()) reject(this.failure);
    this.pending.clear();
  }
}

const threads: Thread[] = [];
let sessions = 0;
let memories = 0;

/**
 * The runtime in a thread of its own, which starts when it is first asked for. Sessions are created
 * and run there.
 *
 * @param number of the thread, from 0
 * @throws Error where Node refuses to start a thread, or finds no `onnxruntime-node` beside this file.
 */
export function runtimeInThread({ env }: OnnxRuntime, number: number): OnnxRuntime {
  const thread = (threads[number] ??= new Thread(number));
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions) => {
    const session = sessions++;
    const all: SharedMemory[] = [];
    const idle: SharedMemory[] = [];
    const newMemory = (): SharedMemory => {
      const memory = new SharedMemory(memories++, thread.draws);
      all.push(memory);
      return memory;
    };
    await thread.ask(session, { kind: "create", model, options });
    return {
      async run(feeds: Feeds, fetches?: Fetches) {
        const memory = idle.pop() ?? newMemory();
        try {
          const arrays = memory.hold(feeds, fetches);
          const made = await thread.ask(session, { kind: "run", memory: memory.number, arrays });
          return Object.fromEntries(Object.entries(made ?? {}).map(([name, data]) => [name, { data }]));
        } finally {
          memory.hand(fetches);
          idle.push(memory);
        }
      },
      release: () => thread.ask(session, { kind: "release", memories: all.map(({ number }) => number) }),
    };
  };
  return { env, Tensor: Given, InferenceSession: { create } } as unknown as OnnxRuntime;
}
