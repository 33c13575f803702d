/** The presets of tilted digits: parameter counts, and one iteration of each kind. */
import { useEngine } from "@ergodic/engine";
import type { ImageBatch } from "@ergodic/data";
import { random, trainedPart, tree, type TensorTree } from "@ergodic/tensor";
import { phaseAt } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import mnist16 from "../src/presets/neural-transport/mnist-16.js";
import mnist28 from "../src/presets/neural-transport/mnist-28.js";
import type { TiltedFlow } from "./tilted-flows.js";

beforeAll(() => useEngine("onnx"));

const size = (params: TensorTree): number =>
  tree.leaves(trainedPart(params)).reduce((total, leaf) => total + leaf.size, 0);
/** A sum over the steps of the flow: two levels of 4 steps with 4 and 8 channels. */
const perStep = (of: (channels: number) => number): number => 4 * (of(4) + of(8));
/**
 * Parameter count of the prototype, adjusted. It stored L and U of a linear map as two whole
 * matrices besides ℓ, and had no final mean and scale.
 */
const ofFlow = 30_396 - perStep((c) => c * c + c) + 2 * 8;

describe.each([
  [16, mnist16, 106_881],
  // Its last kernel has 7 x 7 positions instead of 4 x 4.
  [28, mnist28, 106_881 + (7 * 7 - 4 * 4) * 64 * 64],
] as const)("digits of side %i", (side, experiment, ofEnergy) => {
  const learnerOf = (options: Record<string, unknown>, phases = experiment.training.phases) =>
    experiment.model(experiment.options.parse(options), {
      ...experiment.training,
      phases,
    }) as unknown as TiltedFlow<ImageBatch>;
  const batches = async () =>
    (await experiment.data(experiment.options.parse({})).load()).batches({ batchSize: 8, key: random.key(0) });

  it("have flow and energy of the sizes that the bands of the trained model are for", async () => {
    const { params } = await learnerOf({}).init(random.key(1), (await batches()).at(0) as ImageBatch);
    expect(size(params.backbone)).toBe(ofFlow);
    expect(size(params.energy)).toBe(ofEnergy);
  });

  it("learn an iteration of the flow, then one of the energy, and make pictures", async () => {
    const phases = { flow: 1, likelihood: 1 };
    const learner = learnerOf({ flowSteps: 1, flowWidth: 4, energyWidth: 2, chains: 4 }, phases);
    const data = await batches();
    let state = await learner.init(random.key(1), data.at(0) as ImageBatch);
    for (const i of [0, 1]) {
      const { state: next, metrics } = await learner.update(state, data.at(i) as ImageBatch, {
        key: random.key(i),
        iteration: i,
        phase: phaseAt(phases, i)!,
      });
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      expect(metrics["skipped"]).toBe(0);
      state = next;
    }
    const shown = await learner.sampleReference(state, random.key(2), 2);
    expect(shown.shape).toEqual([2, side, side, 1]);
    const [low, high] = [Math.min(...shown.dataSync()), Math.max(...shown.dataSync())];
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThanOrEqual(1);
  });
});
