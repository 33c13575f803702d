/** `compile(fn)`: the function as one program per input signature. */
import { assertPositiveInteger } from "@ergodic/tensor";
import { onBackend } from "./backend.js";
import { runEagerly } from "./eager.js";
import { universal } from "./engines/definitions.js";
import type { LoadedEngine } from "./engines/engine.js";
import { ensureEngine } from "./engines/registry.js";
import { UnsupportedKernelError } from "./errors.js";
import { noticeChangingNumbers } from "./programs/changing-numbers.js";
import { feedsOf } from "./programs/feeds.js";
import { LruCache } from "./programs/lru-cache.js";
import { describe } from "./programs/signature.js";
import { record } from "./recorder/record.js";

export interface Compiled<A extends unknown[], R> {
  (...args: A): Promise<R>;
  /** How many programs were recorded so far: one per engine and input signature. */
  readonly programs: number;
  /** Frees the programs, as soon as no call runs them. A later call records anew. */
  dispose(): Promise<void>;
}

export interface CompileOptions {
  /** How many programs are kept. Beyond that the one not called for the longest time is freed. Default 64. */
  readonly maxPrograms?: number;
}

/** How calls of one signature are served. */
interface Entry<A, R> {
  run(args: A, leaves: readonly unknown[]): Promise<R>;
  dispose(): Promise<void>;
}

/**
 * Compiles a pure function of trees.
 *
 * Tensors in the arguments may change freely; keys are drawn from at every call, on the host, with the same numbers on every engine.
 * Numbers, strings and booleans are part of the signature: another value records another program, so a number that changes at every
 * step belongs in a tensor (`tf.scalar(rate)`). A warning says so once where many programs differ in numbers alone.
 *
 * Captured tensors are constants, also after they were disposed. Captured variables (`tf.variable`)
 * are read at every call. Other captured values, such as numbers, are what they were when the
 * function was recorded. Random numbers come from keys: the random operations of TensorFlow.js,
 * `Math.random` and clocks are refused, on every engine, and so is making or assigning a variable.
 *
 * The function is recorded at the first call of a signature. A compiled engine then runs it as one program. On an engine that is a
 * TensorFlow.js backend the recorded kernels are replayed; there, and only there, a function with a kernel that cannot be recorded
 * runs as it is, every time.
 *
 * The caller owns the tensors of the result; arguments are never disposed. `fn` must not read values (`dataSync`), await, or keep state.
 * Calls may overlap, with one another, with `dispose` and with `useEngine`: each runs to its end on the engine it began with.
 *
 * @throws ValidationError for arguments that are no trees of tensors, keys and plain values; TraceError when `fn` reads a value
 *   or makes a refused call; UnsupportedKernelError when a compiled engine lacks one of its kernels;
 *   EngineError, naming the kernel, when a program fails.
 */
export function compile<A extends unknown[], R>(
  fn: (...args: A) => R,
  { maxPrograms = 64 }: CompileOptions = {},
): Compiled<A, R> {
  assertPositiveInteger({ maxPrograms });
  const entries = new LruCache<string, Entry<A, R>>(maxPrograms, (entry) => void entry.dispose());
  const noticeNumbers = noticeChangingNumbers();
  let programs = 0;

  const recorded = (args: A, engine: LoadedEngine): Entry<A, R> => {
    const call = record(fn as (...args: never[]) => unknown, args, {
      engine: engine.name,
      supports: (kernel) => engine.executor.supports(kernel),
      alternatives: universal,
    });
    programs += 1;
    noticeNumbers(args);
    const program = engine.program(call.graph);
    const feeds = feedsOf(call);
    return {
      run: async (_, leaves) => call.rebuild(await program.use((loaded) => loaded.run(feeds(leaves)))) as R,
      dispose: () => program.unload(),
    };
  };

  const eager = ({ backend }: LoadedEngine): Entry<A, R> => ({
    run: async (args) => onBackend(backend, () => runEagerly(fn, args)),
    dispose: async () => {},
  });

  const entryOf = (args: A, engine: LoadedEngine): Entry<A, R> => {
    try {
      return recorded(args, engine);
    } catch (error) {
      if (engine.compiled || !(error instanceof UnsupportedKernelError)) throw error;
      return eager(engine);
    }
  };

  const compiled = async (...args: A): Promise<R> => {
    const engine = await ensureEngine();
    const { leaves, signature } = describe(args);
    const key = `${engine.name} ${signature}`;
    let entry = entries.get(key);
    if (entry === undefined) {
      entry = entryOf(args, engine);
      entries.set(key, entry);
    }
    return entry.run(args, leaves);
  };

  return Object.defineProperty(
    Object.assign(compiled, {
      async dispose() {
        await Promise.all(entries.drain().map((entry) => entry.dispose()));
      },
    }),
    "programs",
    { get: () => programs },
  ) as Compiled<A, R>;
}
