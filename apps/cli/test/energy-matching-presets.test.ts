/** The presets of Energy Matching: an update of each phase, and samples. */
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { phaseAt, type Dataset, type Experiment, type Learner, type LearnerState } from "@ergodic/training";
import { beforeAll, expect, it } from "vitest";
import digits from "../src/presets/ebm/energy-matching-mnist.js";
import toy from "../src/presets/toy/energy-matching.js";

beforeAll(() => useEngine("onnx"));

const phases = { flow: 1, contrastive: 1 };

it.each([
  ["points", toy as unknown as Experiment, {}, [2]],
  ["digits", digits as unknown as Experiment, { widths: [2, 2, 2] }, [16, 16, 1]],
] as const)("learn %s in both phases, and sample them", async (_, experiment, small, shape) => {
  const options = experiment.options.parse({ steps: 2, samplingSteps: 2, examples: 64, ...small });
  const learner = experiment.model(options, { ...experiment.training, phases }) as Learner<LearnerState, TensorTree>;
  const data = (await experiment.data(options).load()) as Dataset<TensorTree>;
  const batches = data.batches({ batchSize: 8, key: random.key(0) });
  let state = await learner.init(random.key(1), batches.at(0));
  for (const iteration of [0, 1]) {
    const context = { key: random.key(iteration), iteration, phase: phaseAt(phases, iteration)! };
    const { state: next, metrics } = await learner.update(state, batches.at(iteration), context);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    expect(metrics["skipped"]).toBe(0);
    expect("energyGap" in metrics).toBe(iteration === 1);
    state = next;
  }
  const [samples] = tree.leaves(await learner.sample!(state, random.key(2), 4));
  expect(samples!.shape).toEqual([4, ...shape]);
  await learner.dispose?.();
});
