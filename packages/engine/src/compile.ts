/** `compile(fn)`: turns a function into one program per input signature. */
import { assertPositiveInteger } from "@ergodic/tensor";
import { onBackend } from "./backend.js";
import { runEagerly } from "./eager.js";
import { universal } from "./engines/definitions.js";
import type { LoadedEngine } from "./engines/engine.js";
import { ensureEngine, settledEngine } from "./engines/registry.js";
import { UnsupportedKernelError } from "./errors.js";
import { drawScaled } from "./passes/scaled-draws.js";
import { noticeChangingNumbers } from "./programs/changing-numbers.js";
import { fedWith } from "./programs/feeds.js";
import { LruCache } from "./programs/lru-cache.js";
import { describe } from "./programs/signature.js";
import { record } from "./recorder/record.js";
import { noteRun } from "./work.js";

export interface Compiled<A extends unknown[], R> {
  (...args: A): Promise<R>;
  /** Number of programs recorded so far: one per engine and input signature. */
  readonly programs: number;
  /** Frees the programs once no call runs them. A later call records again. */
  dispose(): Promise<void>;
}

export interface CompileOptions {
  /**
   * Largest number of programs kept. Beyond it the least recently called program is freed. Default
   * 64.
   */
  readonly maxPrograms?: number;
  /**
   * Whether `onnx` runs the function as generated JavaScript where it is small, in a fraction of the
   * time. Its numbers are then rounded as on the engine `cpu`, not as in ONNX Runtime. Default true.
   */
  readonly smallAsCode?: boolean;
}

/** Serves the calls of one signature. */
interface Entry<A, R> {
  run(args: A, leaves: readonly unknown[]): Promise<R>;
  dispose(): Promise<void>;
}

/**
 * Compiles a pure function of trees.
 *
 * The function is recorded at the first call of a signature. A compiled engine then runs it as one
 * program. An engine that is a TensorFlow.js backend replays the recorded kernels. Only on such an
 * engine, a function with a kernel that cannot be recorded runs eagerly at every call.
 *
 * Arguments:
 *
 * - Tensors may change their values freely. Their shapes and types are part of the signature.
 * - Numbers are drawn from keys at every call, on the host. They are the same on every engine.
 * - Numbers, strings and booleans are part of the signature: another value records another program.
 *   A number that changes at every step belongs in a tensor (`tf.scalar(rate)`). One warning is
 *   printed when many programs differ in numbers alone.
 *
 * Captured values:
 *
 * - Tensors are constants. They must be alive while a signature is recorded, and may be disposed
 *   afterwards.
 * - Variables (`tf.variable`) are read at every call.
 * - Other values, such as numbers, keep the value they had when the function was recorded.
 *
 * Restrictions on `fn`:
 *
 * - Random numbers come from keys. The random operations of TensorFlow.js, `Math.random` and clocks
 *   are refused on every engine.
 * - Creating or assigning a variable is refused on every engine.
 * - `fn` must not read values (`dataSync`), await, or keep state.
 *
 * The caller owns the tensors of the result. Arguments are never disposed. Calls may overlap with
 * one another, with `dispose` and with `useEngine`: each call ends on the engine it began with.
 *
 * @throws ValidationError for arguments that are no trees of tensors, keys and plain values.
 * @throws TraceError when `fn` reads a value or makes a refused call.
 * @throws UnsupportedKernelError when a compiled engine lacks one of the kernels.
 * @throws EngineError, naming the kernel, when a program fails.
 */
export function compile<A extends unknown[], R>(
  fn: (...args: A) => R,
  { maxPrograms = 64, smallAsCode = true }: CompileOptions = {},
): Compiled<A, R> {
  assertPositiveInteger({ maxPrograms });
  const entries = new LruCache<string, Entry<A, R>>(maxPrograms, (entry) => void entry.dispose());
  const noticeNumbers = noticeChangingNumbers();
  let programs = 0;

  const recorded = (args: A, engine: LoadedEngine): Entry<A, R> => {
    const {
      graph: whole,
      rebuild,
      variables,
    } = record(fn as (...args: never[]) => unknown, args, {
      engine: engine.name,
      supports: (kernel) => engine.executor.supports(kernel),
      alternatives: universal,
    });
    const graph = drawScaled(whole);
    programs += 1;
    noticeNumbers(args);
    const program = engine.program(graph, { smallAsCode });
    const fed = fedWith({ graph, variables });
    return {
      run: async (_, leaves) => {
        noteRun(graph);
        return rebuild(await program.use((loaded) => fed(leaves, (feeds) => loaded.run(feeds), loaded.draws))) as R;
      },
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
    const engine = settledEngine() ?? (await ensureEngine());
    const { leaves, signature } = describe(args);
    const key = `${engine.id} ${signature}`;
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
