/**
 * JEM on 400 points of four Gaussians, beside the same network as a classifier alone and beside
 * the true p(y | x) and p(x).
 */
import { fourGaussians, type LabelledPointBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { probabilityScores } from "@ergodic/evaluation/classification";
import { planeScores } from "@ergodic/evaluation/model";
import type { ClassifierLearner } from "@ergodic/objectives";
import { random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { advanced } from "./advanced.js";
import { planeEvaluation } from "../src/preset-parts/plane-sets.js";
import jem from "../src/presets/toy/jem.js";

beforeAll(() => useEngine("onnx"));

type Learner = ClassifierLearner<TensorTree, TensorTree, LabelledPointBatch>;
type State = Parameters<Learner["score"]>[0];

const [distance, sd] = [1.2, 0.7];
const truth = fourGaussians({ distance, sd });
const means = [-distance, distance].flatMap((x) => [-distance, distance].map((y) => [x, y]));

async function trained(density: boolean): Promise<{ readonly learner: Learner; readonly state: State }> {
  const options = jem.options.parse({ density });
  const learner = jem.model(options, jem.training) as unknown as Learner;
  const { iterations, batchSize } = jem.training;
  const data = await jem.data(options).load();
  const example = data.batches({ batchSize, key: random.key("example") }).at(0);
  const state = await advanced(learner, data, await learner.init(random.key(0), example), {
    ...{ from: 0, to: iterations, batchSize, phases: null },
  });
  return { learner, state };
}

it("is as accurate as can be, nearer to the true probabilities than a classifier alone, and knows the density", async () => {
  const heldOut = (await truth.source({ size: 20_000, seed: "held out" }).load()).take(
    Int32Array.from({ length: 20_000 }, (_, i) => i),
  );
  const labels = heldOut.labels.dataSync();
  const scored = (logProbabilities: tf.Tensor) =>
    probabilityScores(logProbabilities.dataSync() as Float32Array, labels, { classes: 4 });
  const offsets = tf.sub(tf.expandDims(heldOut.points, 1), tf.tensor3d(means.flat(), [1, 4, 2]));
  const best = scored(tf.logSoftmax(tf.mul(-0.5 / sd ** 2, tf.sum(tf.square(offsets), 2))));

  const [joint, alone] = [await trained(true), await trained(false)];
  const of = async ({ learner, state }: typeof joint) =>
    scored((await learner.classify(state, heldOut)).logProbabilities);
  const [ofJoint, ofAlone] = [await of(joint), await of(alone)];
  const { nats } = await planeScores({
    score: (batch) => joint.learner.score(joint.state, batch as LabelledPointBatch),
    ...{ plan: planeEvaluation(truth), metrics: ["nats"], n: 20_000, seed: 0 },
  });
  const row = ({ accuracy, ece, brier, nll }: typeof best) => ({ accuracy, ece, brier, nll });
  console.log({ best: row(best), joint: row(ofJoint), alone: row(ofAlone), nats });

  expect(ofJoint.accuracy).toBeGreaterThan(best.accuracy - 0.01);
  expect(ofJoint.nll - best.nll).toBeLessThan(0.03);
  expect(ofJoint.nll).toBeLessThan(ofAlone.nll);
  expect(ofJoint.ece).toBeLessThan(0.015);
  expect(nats!.value - nats!.ofData!).toBeLessThan(0.1);
  await Promise.all([joint.learner.dispose?.(), alone.learner.dispose?.()]);
});
