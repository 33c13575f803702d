/** An engine before and after loading. */
import type { RowProduct } from "@ergodic/linear-algebra";
import type { Executor, LoadOptions } from "../executor.js";
import type { Graph } from "../graph.js";
import { SharedProgram } from "../programs/shared-program.js";

/**
 * The processor that computes. `auto` never chooses a GPU emulated in software, nor one that it
 * cannot identify.
 */
export type Processor = "cpu" | "gpu" | "software gpu" | "unidentified gpu";

/** How an engine computes. An engine ignores what it has no use for. */
export interface EngineOptions {
  /**
   * Number of threads of `onnx`, `onnx-web` and `tensorflow` on the CPU, at least 1. Default: the
   * environment variable `ERGODIC_THREADS`, otherwise one per physical core. On a machine that
   * others use too, fewer threads are often faster.
   */
  readonly threads?: number;
  /**
   * Where `onnx-web` finds the files of ONNX Runtime: the URL of a folder with
   * `ort-wasm-simd-threaded.wasm` and `.mjs`, or the URL of the `.wasm` file alone. Default: beside
   * the script of the page.
   */
  readonly wasmPaths?: string | { readonly wasm: string };
}

/** The definition of an engine in its own file. */
export interface EngineDefinition<Name extends string = string> {
  readonly name: Name;
  readonly description: string;
  /** The command that installs it. */
  readonly install: string;
  /** Rejects if the engine does not run. */
  load(options: EngineOptions): Promise<EngineParts>;
}

/** The result of loading an engine. */
export interface EngineParts {
  readonly description: string;
  /** The TensorFlow.js backend that holds tensors between calls. It is initialised. */
  readonly backend: string;
  readonly executor: Executor;
  /**
   * True if a function runs as one program, false if its kernels run one at a time on the backend.
   */
  readonly compiled: boolean;
  /** Default: `"cpu"`. */
  readonly processor?: Processor;
  /**
   * Products of matrices on the host in float64, if the engine has faster ones than the host. They
   * are proven when they are first asked for.
   */
  readonly provenRowProduct?: () => RowProduct | undefined;
}

let loads = 0;

/** A loaded engine and its programs. */
export class LoadedEngine<Name extends string = string> implements Omit<EngineParts, "provenRowProduct"> {
  readonly description: string;
  readonly backend: string;
  readonly executor: Executor;
  readonly compiled: boolean;
  readonly processor: Processor;
  /** Differs between two loads of one engine. */
  readonly id: string;
  /**
   * Weak references, so that the programs of an unreachable compiled function are collected with
   * it.
   */
  private programs: WeakRef<SharedProgram>[] = [];

  constructor(
    readonly name: Name,
    private readonly parts: EngineParts,
  ) {
    this.id = `${name} ${++loads}`;
    ({
      description: this.description,
      backend: this.backend,
      executor: this.executor,
      compiled: this.compiled,
      processor: this.processor = "cpu",
    } = parts);
  }

  get rowProduct(): RowProduct | undefined {
    return this.parts.provenRowProduct?.();
  }

  /** A program of this engine, loaded at its first use. */
  program(graph: Graph, options: LoadOptions): SharedProgram {
    const program = new SharedProgram(() => this.executor.load(graph, options));
    this.programs = [...this.programs.filter((held) => held.deref() !== undefined), new WeakRef(program)];
    return program;
  }

  /** Frees every program once no call runs it. Later calls load them again. */
  async dispose(): Promise<void> {
    await Promise.all(this.programs.map((held) => held.deref()?.unload()));
  }
}
