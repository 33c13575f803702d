/**
 * The cost of one step of a chain, counted in its recorded graph. Plans are thus equal on every
 * machine.
 */
import { record, UnsupportedKernelError } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { ChainPosition, ChainState, ModelChain } from "@ergodic/training";

export interface StepCost {
  /** Number of operations in the graph of a step. */
  readonly operations: number;
  /** Numbers that a step computes per chain. A core computes about 10⁹ per second. */
  readonly numbers: number;
}

/** The cost of a step. Undefined when the step has a kernel that cannot be recorded. */
export function stepCost(chain: ModelChain): StepCost | undefined {
  const start = chain.start(random.key(0), 1);
  try {
    const step = (position: ChainPosition, key: Key): ChainState =>
      chain.kernel.step(chain.kernel.init(position), key)[0];
    const options = { engine: "any", supports: () => true, alternatives: [] };
    const { nodes } = record(step, [start, random.key(0)], options).graph;
    const sizes = nodes.flatMap(({ outputs }) =>
      outputs.map(({ shape }) => shape.reduce((product, side) => product * side, 1)),
    );
    return { operations: nodes.length, numbers: sizes.reduce((sum, size) => sum + size, 0) };
  } catch (error) {
    if (error instanceof UnsupportedKernelError) return undefined;
    throw error;
  } finally {
    tree.dispose(start as TensorTree);
  }
}
