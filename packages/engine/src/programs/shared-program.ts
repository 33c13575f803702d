/**
 * A program that concurrent calls share.
 *
 * It is loaded when first needed. It is freed after it was unloaded and the last running call has
 * ended.
 */
import type { Program } from "../executor.js";

/** One loading of the program, with the number of calls that use it. */
class Loading {
  private users = 0;
  private unloaded = false;
  private resolveFreed!: (freeing: Promise<void>) => void;
  /** Settles once the program has been freed. */
  readonly freed = new Promise<void>((resolve) => (this.resolveFreed = resolve));

  constructor(readonly program: Promise<Program>) {}

  async use<R>(job: (program: Program) => Promise<R>): Promise<R> {
    this.users += 1;
    try {
      return await job(await this.program);
    } finally {
      this.users -= 1;
      this.freeIfIdle();
    }
  }

  unload(): Promise<void> {
    this.unloaded = true;
    this.freeIfIdle();
    return this.freed;
  }

  private freeIfIdle(): void {
    if (!this.unloaded || this.users > 0) return;
    // A program that failed to load has reported this to its callers. There is nothing to free.
    this.resolveFreed(
      this.program.then(
        (program) => program.dispose(),
        () => undefined,
      ),
    );
  }
}

export class SharedProgram {
  private loading: Loading | undefined;

  constructor(private readonly load: () => Promise<Program>) {}

  /** Runs `job` on the program, which stays loaded while `job` runs. */
  use<R>(job: (program: Program) => Promise<R>): Promise<R> {
    if (this.loading === undefined) {
      const loading = new Loading(this.load());
      this.loading = loading;
      loading.program.catch(() => {
        if (this.loading === loading) this.loading = undefined;
      });
    }
    return this.loading.use(job);
  }

  /** Frees the program once no call runs it, and resolves then. A later use loads it again. */
  async unload(): Promise<void> {
    const loading = this.loading;
    this.loading = undefined;
    await loading?.unload();
  }
}
