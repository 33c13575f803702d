/** Scores the points that the model of a run samples. */
import { cloudScores, type CloudPlan, type CloudScores } from "@ergodic/evaluation/model";
import { tree, type TensorTree } from "@ergodic/tensor";
import { samplesOf } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { CliError } from "../errors.js";
import { lawSamplers } from "../evaluation/law-samplers.js";
import { showProgress } from "../terminal/scoring-progress.js";
import type { OpenRun } from "./open-run.js";

interface CloudScoring {
  readonly plan: CloudPlan;
  readonly n: number;
  readonly seed: number;
  readonly onStage: (text: string) => void;
}

export async function scoreCloud(opened: OpenRun, { plan, n, seed, onStage }: CloudScoring): Promise<CloudScores> {
  const { learner, state } = opened.run;
  const points = (observations: TensorTree): tf.Tensor => {
    const samples = samplesOf(observations, learner.show?.bind(learner));
    if (samples.kind !== "points") throw new CliError(`the model makes ${samples.kind}; this score is one of points.`);
    tree.dispose(tree.leaves(observations).filter((leaf) => leaf !== samples.values));
    return samples.values;
  };
  const { reconstruct } = learner;
  const model = {
    samplers: await lawSamplers(opened, seed, (observations) => Promise.resolve(points(observations))),
    reconstruct:
      reconstruct &&
      (async (batch: unknown, key: Parameters<typeof reconstruct>[2]) => {
        const { original, reconstruction } = await reconstruct.call(learner, state, batch, key);
        return { original: points(original), reconstruction: points(reconstruction) };
      }),
  };
  return cloudScores({ model, plan, n, seed, onProgress: showProgress(onStage) });
}
