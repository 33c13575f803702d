/** Updates of a learner like those of the training loop, for the slow tests. */
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { phaseAt, type Dataset, type Learner, type LearnerState, type Phases } from "@ergodic/training";

export type Metrics = Readonly<Record<string, number>>;

interface Advance {
  readonly from: number;
  readonly to: number;
  readonly batchSize: number;
  readonly phases: Phases | null;
  readonly onMetrics?: (metrics: Metrics) => void;
}

/** Runs updates `from` to `to` like the training loop. */
export async function advanced<S extends LearnerState & TensorTree, Batch extends TensorTree>(
  learner: Pick<Learner<S, Batch>, "update">,
  data: Dataset<Batch>,
  state: S,
  { from, to, batchSize, phases, onMetrics }: Advance,
): Promise<S> {
  const batches = data.batches({ batchSize, key: random.key("order") });
  let current = state;
  for (let i = from; i < to; i += 1) {
    const batch = batches.at(i);
    const key = random.fold(random.key("updates"), i);
    const phase = phaseAt(phases, i);
    const { state: next, metrics } = await learner.update(current, batch, {
      key,
      iteration: i,
      ...(phase && { phase }),
    });
    onMetrics?.(metrics);
    const kept = new Set(tree.leaves(next));
    tree.dispose([batch, ...tree.leaves(current).filter((leaf) => !kept.has(leaf))]);
    current = next;
  }
  return current;
}
