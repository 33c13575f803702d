/**
 * Digits of two layers are nearer to real ones after the prior's chain than ancestral draws,
 * learned by chains of all layers and in two stages.
 *
 * The distance is the Fréchet distance to the 10,000 test digits over 32 principal components of
 * 20,000 training digits. That of real digits to real ones is 0.98. An independent implementation
 * had, for two seeds:
 * - by chains, 1,000 updates: 11.8 and 11.1 after the chain, 20.1 and 13.7 for ancestral draws;
 *   without a tilt 13.7 and 13.9. One in PyTorch had 13.8, 10.5 and 10.7 for three seeds, and 16.3,
 *   15.0 and 13.8, a gain of 15 to 30 %. Three seeds here gained 13 to 17 %
 * - in two stages, 1,200 and 800 updates: 5.3 and 7.0 in the last epochs, 9.8 and 9.3
 */
import type { ImageBatch } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { useEngine } from "@ergodic/engine";
import { frechetInPrincipalSpace, principalComponents } from "@ergodic/evaluation";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { phaseAt, type Learner, type LearnerState } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import joint from "../src/presets/joint-prior/mnist.js";
import twoStage from "../src/presets/joint-prior/mnist-two-stage.js";

let distance: (digits: tf.Tensor) => number;

beforeAll(async () => {
  await useEngine("onnx");
  const train = (await mnist({ split: "train", limit: 20_000 }).load()).all().images;
  const test = (await mnist({ split: "test" }).load()).all().images;
  const space = principalComponents(train, { dimensions: 784, components: 32 });
  distance = (digits) => frechetInPrincipalSpace(space, test, digits.dataSync() as Float32Array);
});

type Model = Learner<LearnerState, ImageBatch> & {
  sampleReference(state: LearnerState, key: Key, n: number): Promise<tf.Tensor>;
};

/** Distances after training on the first 10,000 digits, and the last state. */
async function trained(given: unknown, updates: number, phases?: Readonly<Record<string, number>>) {
  const model = given as Model;
  const data = (await mnist({ split: "train", limit: 10_000 }).load()).batches({
    batchSize: 100,
    key: random.key("batches"),
  });
  let state = await model.init(random.key("two layers"), data.at(0) as ImageBatch);
  const backbones: number[][] = [];
  for (let i = 0; i < updates; i++) {
    const batch = data.at(i) as ImageBatch;
    const phase = phases && phaseAt(phases, i);
    if (phase?.name === "prior" && phase.iteration === 0) backbones.push(bitsOf(state));
    const context = { key: random.fold(random.key("noise"), i), iteration: i, ...(phase && { phase }) };
    const next = await model.update(state, batch, context);
    tree.dispose([state, batch] as unknown as TensorTree);
    state = next.state;
  }
  if (phases !== undefined) backbones.push(bitsOf(state));
  const after = distance((await model.sample!(state, random.key("samples"), 10_000)) as tf.Tensor);
  const ancestral = distance(await model.sampleReference(state, random.key("ancestral"), 10_000));
  console.log(`Fréchet distance ${after.toFixed(2)}, ancestral ${ancestral.toFixed(2)}`);
  return { after, ancestral, backbones };
}

const bitsOf = ({ params }: LearnerState): number[] =>
  tree.leaves((params as { readonly backbone: TensorTree }).backbone).flatMap((leaf) => [...leaf.dataSync()]);

describe("two layers", () => {
  it("learned by chains are at least 10 % nearer after the prior's chain", async () => {
    const { after, ancestral } = await trained(joint.model(joint.options.parse({}), joint.training), 1_000);
    expect(after).toBeLessThan(14);
    expect(after).toBeLessThan(0.9 * ancestral);
  });

  it("learned in two stages are at least 18 % nearer, on a backbone of the same bits", async () => {
    const phases = { backbone: 1_200, prior: 800 };
    const model = twoStage.model(twoStage.options.parse({}), { ...twoStage.training, phases });
    const { after, ancestral, backbones } = await trained(model, 2_000, phases);
    expect(after).toBeLessThan(0.82 * ancestral);
    expect(backbones[1]).toEqual(backbones[0]);
  });
});
