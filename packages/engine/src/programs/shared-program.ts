/** A program that concurrent calls share: loaded when first needed, freed when it was unloaded and the last call that runs it has ended. */
import type { Program } from "../executor.js";

/** One loading of the program, and how many calls depend on it. */
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
    // A program that failed to load told its callers so; there is nothing to free.
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

  /** Runs `job` on the program, which stays loaded at least that long. */
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

  /** Frees the program as soon as nobody runs it; resolves when that has happened. A later use loads it again. */
  async unload(): Promise<void> {
    const loading = this.loading;
    this.loading = undefined;
    await loading?.unload();
  }
}
