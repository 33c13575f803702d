/** ONNX Runtime in another thread of the process. */
import type { Worker } from "node:worker_threads";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { EngineError } from "../errors.js";
import type { TypedArray } from "../graph.js";
import type { OnnxRuntime } from "./runtime.js";

/** Numbers of a tensor in memory that threads share. */
interface Shared {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: TypedArray;
}

/** What a run reads and writes. */
interface Arrays {
  readonly feeds: readonly Shared[];
  /** Undefined where the thread makes arrays for the results. */
  readonly results: readonly Shared[] | undefined;
  /** Outputs of the model that no array is for. */
  readonly others: readonly string[];
}

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
          for (const { name, type, data, dims } of request.arrays.feeds)
            own![name] = new runtime.Tensor(type as "float32", data.slice() as Float32Array, dims);
          for (const { name, type, data, dims } of request.arrays.results ?? [])
            into![name] = new runtime.Tensor(type as "float32", data.slice() as Float32Array, dims);
          memories.set(request.memory, { ...request.arrays, own: own as Record<string, OnnxTensor>, into: into! });
        }
        const { feeds, results, own, into } = memories.get(request.memory)!;
        for (const { name, data } of feeds) (own[name]!.data as TypedArray).set(data);
        if (results === undefined) {
          const made = await session.run(own);
          return Object.fromEntries(Object.entries(made).map(([name, { data }]) => [name, data as TypedArray]));
        }
        try {
          await session.run(own, into);
        } finally {
          for (const { name, data } of results) data.set(into[name]!.data as TypedArray);
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

/** Whether threads share the memory of an array. */
const isShared = ({ buffer }: TypedArray): boolean => buffer instanceof SharedArrayBuffer;

/** An array of as many numbers in memory that threads share. */
export const sharedLike = (array: TypedArray): TypedArray =>
  new (array.constructor as Float32ArrayConstructor)(new SharedArrayBuffer(array.byteLength) as unknown as ArrayBuffer);

type Fetches = Readonly<Record<string, OnnxTensor | null>>;

/** Memory that a run shares with the thread, used again by later runs. */
class SharedMemory {
  private arrays: Arrays | undefined;

  /** @param number by which the thread knows it */
  constructor(readonly number: number) {}

  /**
   * Holds the numbers of the feeds, and the arrays of the results or others in their place.
   *
   * @returns the arrays, if they are others than before
   */
  hold(feeds: Readonly<Record<string, OnnxTensor>>, fetches: Fetches | undefined): Arrays | undefined {
    const known = this.arrays;
    if (known === undefined || !this.fits(fetches)) {
      const shared = (name: string, { type, dims, data }: OnnxTensor, may: boolean): Shared => {
        const array = data as TypedArray;
        return { name, type, dims, data: may && isShared(array) ? array : sharedLike(array) };
      };
      const given = fetches && Object.entries(fetches);
      this.arrays = {
        feeds: known?.feeds ?? Object.entries(feeds).map(([name, tensor]) => shared(name, tensor, false)),
        results: given?.flatMap(([name, tensor]) => (tensor === null ? [] : [shared(name, tensor, true)])),
        others: given?.flatMap(([name, tensor]) => (tensor === null ? [name] : [])) ?? [],
      };
    }
    for (const { name, data } of this.arrays!.feeds) data.set(feeds[name]!.data as TypedArray);
    return this.arrays === known ? undefined : this.arrays;
  }

  /** Writes the results to the given arrays, where these are not those of the thread. */
  hand(fetches: Fetches | undefined): void {
    for (const { name, data } of this.arrays!.results ?? []) {
      const given = fetches![name]!.data as TypedArray;
      if (given !== data) given.set(data);
    }
  }

  /** Whether the thread can write to the given arrays, or to others in their place. */
  private fits(fetches: Fetches | undefined): boolean {
    const { results } = this.arrays!;
    if (results === undefined || fetches === undefined) return results === fetches;
    for (const { name, data } of results) {
      const given = fetches[name]?.data as TypedArray | undefined;
      if (given === undefined || (isShared(given) && given !== data)) return false;
    }
    return true;
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
export function runtimeInThread({ Tensor, env }: OnnxRuntime, number: number): OnnxRuntime {
  const thread = (threads[number] ??= new Thread());
  const create = async (model: Uint8Array, options: InferenceSession.SessionOptions) => {
    const session = sessions++;
    const all: SharedMemory[] = [];
    const idle: SharedMemory[] = [];
    const newMemory = (): SharedMemory => {
      const memory = new SharedMemory(memories++);
      all.push(memory);
      return memory;
    };
    await thread.ask(session, { kind: "create", model, options });
    return {
      async run(feeds: Record<string, OnnxTensor>, fetches?: Fetches) {
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
  return { Tensor, env, InferenceSession: { create } as unknown as OnnxRuntime["InferenceSession"] };
}
