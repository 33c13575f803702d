/** Runs chains of a kernel on a target: warm-up, then draws. All draws are kept. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import {
  openKernel,
  uniformStarts,
  type HostKernel,
  type Kernel,
  type KernelInfo,
  type KernelState,
  type Starts,
  type WarmUpOptions,
} from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";

/** A kernel over rows of numbers, `[chains, dimension]`. */
export type RowKernel = Kernel<tf.Tensor, RowState> | HostKernel<tf.Tensor, RowState>;
export type RowState = KernelState<tf.Tensor>;

/** A kernel, with what is needed to read its report. */
export interface PreparedKernel {
  readonly kernel: RowKernel;
  /** The step before any adaptation. */
  readonly stepSize: number;
  /** Runs chains from drawn starts and tunes the kernel. Absent for kernels without adaptation. */
  warmUp?(start: Starts, options: WarmUpOptions): Promise<RowState>;
  /** Whether the reported energy includes a momentum. */
  readonly momentum: boolean;
  readonly maxTreeDepth?: number;
}

export interface ChainPlan {
  /** Dimension of a position. */
  readonly dimension: number;
  readonly chains: number;
  /** Steps before the first draw, which tune step size and mass. 0 leaves both unchanged. */
  readonly warmup: number;
  readonly draws: number;
  readonly seed: number;
  readonly targetAcceptance?: number | undefined;
  /** Called before the first step and every {@link chunk} steps. */
  readonly onProgress?: ((progress: ChainProgress) => void) | undefined;
}

export interface ChainProgress {
  readonly stage: "warm-up" | "draws";
  readonly done: number;
  readonly of: number;
}

/** The draws of a run. The caller disposes positions and info. */
export interface ChainRun {
  /** `[chains, draws, dimension]` */
  readonly positions: tf.Tensor3D;
  /**
   * The kernel's report of every draw: `[chains, draws]`, or `[draws]` if it is the same for all
   * chains.
   */
  readonly info: Readonly<Record<string, tf.Tensor>>;
  readonly seconds: { readonly warmup: number; readonly draws: number };
  /** What the warm-up said of lost chains. */
  readonly lost?: readonly string[];
}

/** Half the width of the box of starts: every coordinate is uniform in [-2, 2], as in Stan. */
export const startWidth = 2;

/** Steps between reports of progress. Compiled programs take eight draws at a time. */
const chunk = 64;

/**
 * Runs the chains. Equal plans give equal draws.
 *
 * @throws ValidationError when chains find no start where the energy is finite.
 */
export async function runChains({ kernel, warmUp }: PreparedKernel, plan: ChainPlan): Promise<ChainRun> {
  const { dimension, chains, warmup, draws, targetAcceptance, onProgress } = plan;
  const [startKey, warmupKey, drawKey] = random.split<Key>(random.key(plan.seed), 3) as [Key, Key, Key];
  const opened = openKernel(kernel);
  const start: Starts = { law: uniformStarts([dimension], { width: startWidth }), chains };
  const lost: string[] = [];
  const began = performance.now();
  let state: RowState | undefined;

  /** Advances the state and passes each chunk to `keep`, which then owns it. */
  const advance = async (
    steps: number,
    key: Key,
    stage: ChainProgress["stage"],
    keep: (part: TensorTree) => void,
  ): Promise<void> => {
    for (let from = 0; from < steps; from += chunk) {
      onProgress?.({ stage, done: from, of: steps });
      const { state: next, ...part } = await opened.draw(state!, { key, from, count: Math.min(chunk, steps - from) });
      tree.dispose(state);
      state = next;
      keep(part);
    }
  };

  const parts: { positions: tf.Tensor; info: KernelInfo }[] = [];
  try {
    if (warmUp !== undefined && warmup > 0) {
      const tell = (done: number): void =>
        void (done % chunk === 0 && onProgress?.({ stage: "warm-up", done, of: warmup }));
      tell(0);
      const acceptance = targetAcceptance === undefined ? {} : { targetAcceptance };
      const onTrouble = (text: string): void => void lost.push(text);
      state = await warmUp(start, { steps: warmup, key: warmupKey, onProgress: tell, onTrouble, ...acceptance });
    } else {
      state = await opened.init({ ...start, key: startKey });
      await advance(warmup, warmupKey, "warm-up", (part) => tree.dispose(part));
    }
    const warm = performance.now();
    await advance(draws, drawKey, "draws", (part) => void parts.push(part as (typeof parts)[number]));
    const seconds = { warmup: (warm - began) / 1000, draws: (performance.now() - warm) / 1000 };
    return { ...(tidy(() => joined(parts as never)) as Pick<ChainRun, "positions" | "info">), seconds, lost };
  } finally {
    tree.dispose([state, parts] as never);
    await opened.dispose();
  }
}

/** Joins chunks along the draws, which are the second axis or the only one. */
const joined = (parts: readonly TensorTree[]): TensorTree =>
  tree.zip((...leaves) => tf.concat(leaves, Math.min(1, leaves[0]!.rank - 1)), ...(parts as [TensorTree]));
