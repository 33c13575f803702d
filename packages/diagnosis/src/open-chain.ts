/** Compiled steps of a model's chain, which record something of every position. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition, ChainState, ModelChain } from "@ergodic/training";
import type { StepCost } from "./step-cost.js";

/** Bounds of one compiled program. Larger graphs compile more slowly and run no faster. */
const most = { steps: 10, operations: 2000 };

/** The state after some steps, and their records. The caller disposes both. */
export interface RecordedSteps<R extends TensorTree> {
  readonly state: ChainState;
  /** Steps on the second axis, `[chains, count, ...]`. */
  readonly records: R;
}

export interface StepRange {
  readonly key: Key;
  readonly from: number;
  readonly count: number;
  /** Called after every program with the number of steps done since step 0. */
  readonly onStep?: (done: number) => void;
}

/** A chain with its compiled programs. */
export interface OpenChain<R extends TensorTree> {
  /** The state of chains at a position. The position is kept. */
  begin(position: ChainPosition): Promise<ChainState>;
  /**
   * Runs steps `from` to `from + count - 1`. Step t uses `random.fold(key, t)`. The given state is
   * disposed.
   */
  advance(state: ChainState, range: StepRange): Promise<RecordedSteps<R>>;
  dispose(): Promise<void>;
}

/**
 * Opens a chain.
 *
 * @param record what to record of every position: tensors `[chains, ...]`
 * @param cost of a step. Costly steps are grouped into smaller programs, which does not change
 *   results.
 */
export function openChain<R extends TensorTree>(
  chain: ModelChain,
  record: (position: ChainPosition) => R,
  cost: StepCost | undefined,
): OpenChain<R> {
  const fitting = cost === undefined ? most.steps : Math.floor(most.operations / cost.operations);
  const blockLength = Math.max(1, Math.min(most.steps, fitting));
  const { kernel } = chain;
  const start = compile((position: ChainPosition) => kernel.init(position));
  const block = compile((state: ChainState, keys: Key[]): RecordedSteps<R> => {
    const records: R[] = [];
    let current = state;
    for (const key of keys) {
      [current] = kernel.step(current, key);
      records.push(record(current.position));
    }
    return { state: current, records: alongSteps(tf.stack, records) };
  });
  return {
    begin: start,
    async advance(state, { key, from, count, onStep }) {
      const parts: R[] = [];
      let current = state;
      for (let done = 0; done < count;) {
        const steps = count - done >= blockLength ? blockLength : 1;
        const keys = Array.from({ length: steps }, (_, i) => random.fold(key, from + done + i));
        const next = await block(current, keys);
        tree.dispose(current);
        current = next.state;
        parts.push(next.records);
        done += steps;
        onStep?.(from + done);
      }
      const records = alongSteps(tf.concat, parts);
      tree.dispose(parts as TensorTree);
      return { state: current, records };
    },
    async dispose() {
      await Promise.all([start.dispose(), block.dispose()]);
    },
  };
}

/** Records joined along the steps, their second axis. */
const alongSteps = <R extends TensorTree>(
  join: (leaves: tf.Tensor[], axis: number) => tf.Tensor,
  records: readonly R[],
): R => tree.zip((...leaves) => join(leaves, 1), ...(records as readonly TensorTree[] as [TensorTree])) as R;
