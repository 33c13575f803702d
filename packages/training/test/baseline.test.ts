/** Two learners side by side. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { withBaseline, type Learner } from "../src/index.js";
import { toyData, toyLearner, type ToyBatch, type ToyState } from "./toy.js";

beforeAll(() => useEngine("cpu"));

const scored = (rate: number): Learner<ToyState, ToyBatch> => ({
  ...toyLearner({ rate, shows: true }),
  score: ({ params }, { x }) => Promise.resolve(tf.sum<tf.Tensor1D>(tf.mul(x, params.weight), 1)),
});
const values = (state: unknown): number[] => tree.leaves(state as TensorTree).flatMap((leaf) => [...leaf.dataSync()]);
const batches = async () => (await toyData.load()).batches({ batchSize: 4, key: random.key("data") });

async function trained<S extends { params: TensorTree }>(learner: Learner<S, ToyBatch>) {
  const data = await batches();
  let state = await learner.init(random.key("init"), data.at(0));
  let metrics: Readonly<Record<string, number>> = {};
  for (let i = 0; i < 3; i++)
    ({ state, metrics } = await learner.update(state, data.at(i), { key: random.key(i), iteration: i }));
  return { state, metrics };
}

describe("a learner with a baseline", () => {
  const paired = withBaseline(scored(0.01), scored(0.02));

  it("learns as each learner does alone", async () => {
    const both = await trained(paired);
    const alone = [await trained(scored(0.01)), await trained(scored(0.02))] as const;
    expect(values(both.state.params.model)).toEqual(values(alone[0].state.params));
    expect(values(both.state.params.baseline)).toEqual(values(alone[1].state.params));
    expect(values(both.state).length).toBe(values(alone[0].state).length * 2);
    expect(both.metrics).toMatchObject({
      loss: alone[0].metrics["loss"],
      "baseline.loss": alone[1].metrics["loss"],
    });
  });

  it("has the functions of the learner, and the scores of both", async () => {
    const { state } = await trained(paired);
    const batch = (await batches()).at(0);
    const key = random.key(1);
    const score = values(await paired.score!(state, batch, key));
    const scores = await paired.scores!(state, batch, key);
    expect(Object.keys(scores)).toEqual(["score", "baseline"]);
    expect(values(scores["score"])).toEqual(score);
    const { state: other } = await trained(scored(0.02));
    expect(values(scores["baseline"])).toEqual(values(await scored(0.02).score!(other, batch, key)));
    expect((await paired.sample!(state, key, 2)) as tf.Tensor).toMatchObject({ shape: [2, 4, 4, 1] });
    expect(paired.classify).toBeUndefined();
    expect(paired.describe!()).toBe("toy <model> & co; beside it toy <model> & co");
  });

  it("refuses a baseline with other phases", () => {
    expect(() => withBaseline(scored(0.01), { ...scored(0.02), phases: ["one"] })).toThrow(/"one"/);
  });
});
