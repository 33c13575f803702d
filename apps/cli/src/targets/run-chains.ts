/** Chains of a kernel on a target: warm-up, then draws, all kept. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import type { Target } from "@ergodic/energies";
import { openKernel } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { MadeKernel, RowInfo, RowState } from "./kernels.js";

export interface ChainPlan {
  readonly chains: number;
  /** Steps before the first draw, in which step size and mass are fitted; none leaves both as they are. */
  readonly warmup: number;
  readonly draws: number;
  readonly seed: number;
  readonly targetAcceptance?: number;
}

/** The draws of a run; the caller disposes both. */
export interface ChainRun {
  /** `[chains, draws, dimension]` */
  readonly positions: tf.Tensor3D;
  /** What the kernel reported of every draw: `[chains, draws]`, or `[draws]` where it is the same for all chains. */
  readonly info: Readonly<Record<string, tf.Tensor>>;
  readonly seconds: { readonly warmup: number; readonly draws: number };
}

/** Half the width of the box that chains start in: uniform in [-2, 2] in every coordinate, as Stan does. */
export const startWidth = 2;

/** Steps between reports of progress; compiled programs take eight draws at a time. */
const chunk = 64;

/** Runs the chains. Same plan, same draws. @throws ValidationError when a chain starts where the energy is not finite. */
export async function runChains(
  target: Target,
  { kernel, warmUp }: MadeKernel,
  plan: ChainPlan,
  onStage: (text: string) => void,
): Promise<ChainRun> {
  const { chains, warmup, draws, targetAcceptance } = plan;
  const [startKey, warmupKey, drawKey] = random.split<Key>(random.key(plan.seed), 3) as [Key, Key, Key];
  const opened = openKernel(kernel);
  const start = random.uniform(startKey, [chains, target.dimension], { low: -startWidth, high: startWidth });
  const began = performance.now();
  let state: RowState | undefined;

  /** Advances the state and gives each chunk to `keep`, which owns it. */
  const advance = async (steps: number, key: Key, what: string, keep: (part: TensorTree) => void): Promise<void> => {
    for (let from = 0; from < steps; from += chunk) {
      onStage(`${what} ${from}/${steps}`);
      const { state: next, ...part } = await opened.draw(state!, { key, from, count: Math.min(chunk, steps - from) });
      tree.dispose(state);
      state = next;
      keep(part);
    }
  };

  const parts: { positions: tf.Tensor; info: RowInfo }[] = [];
  try {
    if (warmUp !== undefined && warmup > 0) {
      const onProgress = (done: number): void => void (done % chunk === 0 && onStage(`warming up ${done}/${warmup}`));
      onProgress(0);
      const target = targetAcceptance === undefined ? {} : { targetAcceptance };
      state = await warmUp(start as tf.Tensor, { steps: warmup, key: warmupKey, onProgress, ...target });
    } else {
      state = await opened.init(start);
      await advance(warmup, warmupKey, "warming up", (part) => tree.dispose(part));
    }
    const warm = performance.now();
    await advance(draws, drawKey, "drawing", (part) => void parts.push(part as (typeof parts)[number]));
    const seconds = { warmup: (warm - began) / 1000, draws: (performance.now() - warm) / 1000 };
    return { ...(tidy(() => joined(parts as never)) as Pick<ChainRun, "positions" | "info">), seconds };
  } finally {
    tree.dispose([start, state, parts] as never);
    await opened.dispose();
  }
}

/** Chunks one after the other: along the draws, the second axis, or the only one. */
const joined = (parts: readonly TensorTree[]): TensorTree =>
  tree.zip((...leaves) => tf.concat(leaves, Math.min(1, leaves[0]!.rank - 1)), ...(parts as [TensorTree]));
