/** What an engine is, before and after it was loaded. */
import type { Executor } from "../executor.js";
import type { Graph } from "../graph.js";
import { SharedProgram } from "../programs/shared-program.js";

/** What computes. `auto` never chooses a GPU that is software, nor one it cannot identify. */
export type Processor = "cpu" | "gpu" | "software gpu" | "unidentified gpu";

/** What an engine's own file says of it. */
export interface EngineDefinition<Name extends string = string> {
  readonly name: Name;
  readonly description: string;
  /** The command that installs it. */
  readonly install: string;
  /** Rejects where the engine does not run. */
  load(): Promise<EngineParts>;
}

/** What loading an engine gives. */
export interface EngineParts {
  readonly description: string;
  /** The TensorFlow.js backend that holds tensors between calls; it is initialised. */
  readonly backend: string;
  readonly executor: Executor;
  /** True when a function runs as one program, false when its kernels run one at a time on the backend. */
  readonly compiled: boolean;
  /** Default: `"cpu"`. */
  readonly processor?: Processor;
}

/** An engine that was loaded, and the programs it holds. */
export class LoadedEngine<Name extends string = string> implements EngineParts {
  readonly description: string;
  readonly backend: string;
  readonly executor: Executor;
  readonly compiled: boolean;
  readonly processor: Processor;
  /** Weak, so that a compiled function nobody holds any more takes its programs with it. */
  private programs: WeakRef<SharedProgram>[] = [];

  constructor(
    readonly name: Name,
    parts: EngineParts,
  ) {
    ({
      description: this.description,
      backend: this.backend,
      executor: this.executor,
      compiled: this.compiled,
      processor: this.processor = "cpu",
    } = parts);
  }

  /** A program of this engine, loaded at its first use. */
  program(graph: Graph): SharedProgram {
    const program = new SharedProgram(() => this.executor.load(graph));
    this.programs = [...this.programs.filter((held) => held.deref() !== undefined), new WeakRef(program)];
    return program;
  }

  /** Frees every program once no call runs it; later calls load them again. */
  async dispose(): Promise<void> {
    await Promise.all(this.programs.map((held) => held.deref()?.unload()));
  }
}
