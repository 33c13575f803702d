/** Steps of a model's chain, compiled in blocks, with what is recorded of every one of them. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition, ChainState, ModelChain } from "@ergodic/training";
import type { StepCost } from "./step-cost.js";

/** Steps in one compiled program, and operations: large graphs take ever longer to compile, and gain nothing. */
const most = { steps: 10, operations: 2000 };

/** What was recorded of `count` steps. The caller disposes both. */
export interface Walked<R extends TensorTree> {
  readonly state: ChainState;
  /** Steps on the second axis, `[chains, count, ...]`. */
  readonly records: R;
}

export interface Stretch {
  readonly key: Key;
  readonly from: number;
  readonly count: number;
  /** Told after every program how many steps lie behind, `from` included. */
  readonly onStep?: (done: number) => void;
}

/** A chain ready to run. */
export interface Walk<R extends TensorTree> {
  /** The state of chains at a position, which is kept. */
  begin(position: ChainPosition): Promise<ChainState>;
  /** Steps `from` to `from + count - 1` of the chains that `key` numbers, from a state that is disposed. */
  advance(state: ChainState, which: Stretch): Promise<Walked<R>>;
  dispose(): Promise<void>;
}

/** Opens a chain; `record` is what is kept of every position, tensors `[chains, ...]`. How steps are grouped changes none of them. */
export function openWalk<R extends TensorTree>(
  chain: ModelChain,
  record: (position: ChainPosition) => R,
  cost: StepCost | undefined,
): Walk<R> {
  const fitting = cost === undefined ? most.steps : Math.floor(most.operations / cost.operations);
  const blockLength = Math.max(1, Math.min(most.steps, fitting));
  const { kernel } = chain;
  const start = compile((position: ChainPosition) => kernel.init(position));
  const block = compile((state: ChainState, keys: Key[]): Walked<R> => {
    const records: R[] = [];
    let at = state;
    for (const key of keys) {
      [at] = kernel.step(at, key);
      records.push(record(at.position));
    }
    return { state: at, records: along(tf.stack, records) };
  });
  return {
    begin: start,
    async advance(state, { key, from, count, onStep }) {
      const parts: R[] = [];
      let at = state;
      for (let done = 0; done < count;) {
        const steps = count - done >= blockLength ? blockLength : 1;
        const keys = Array.from({ length: steps }, (_, i) => random.fold(key, from + done + i));
        const next = await block(at, keys);
        tree.dispose(at);
        at = next.state;
        parts.push(next.records);
        done += steps;
        onStep?.(from + done);
      }
      const records = along(tf.concat, parts);
      tree.dispose(parts as TensorTree);
      return { state: at, records };
    },
    async dispose() {
      await Promise.all([start.dispose(), block.dispose()]);
    },
  };
}

/** Records put together along the steps. */
const along = <R extends TensorTree>(
  join: (leaves: tf.Tensor[], axis: number) => tf.Tensor,
  records: readonly R[],
): R => tree.zip((...leaves) => join(leaves, 1), ...(records as readonly TensorTree[] as [TensorTree])) as R;
