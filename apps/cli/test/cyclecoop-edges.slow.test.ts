/**
 * Digits to edges without pairs, judged on pairs that training has not seen.
 *
 * Seed 0 after 300 iterations has 19.7 and 19.5 dB, finds 99.4 % and 95.0 % of the true pairs, and
 * comes back to 0.022 and 0.032 of the range. The input itself has 9.9 dB and 8.6 %.
 */
import type { CycleCoopNetsLearner, TranslationState } from "@ergodic/cooperative";
import { useEngine } from "@ergodic/engine";
import { loadPairs, readTranslationPlan, translationScores } from "@ergodic/evaluation/translation";
import { random, type TensorTree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import preset from "../src/presets/cyclecoop/mnist-edges.js";
import { advanced } from "./advanced.js";

beforeAll(() => useEngine("onnx"));

/** Scores after training for some iterations. */
async function scored(settings: object, iterations: number, seed = 0) {
  const options = preset.options.parse(settings);
  const learner = preset.model(options, {
    ...preset.training,
    iterations,
  }) as unknown as CycleCoopNetsLearner<TensorTree>;
  const data = await preset.data(options).load();
  const { batchSize } = preset.training;
  const example = data.batches({ batchSize, key: random.key("example") }).at(0);
  const state = (await advanced(
    learner as never,
    data as never,
    (await learner.init(random.key(seed), example)) as never,
    {
      ...{ from: 0, to: iterations, batchSize, phases: null },
    },
  )) as TranslationState;
  const { translation } = learner;
  const scores = await translationScores({
    model: {
      steps: translation.steps,
      observe: (batch: never) => translation.observe(batch),
      translate: (examples, how) => translation.translate(state, examples, how),
    },
    pairs: await loadPairs(readTranslationPlan(preset.evaluation(options))!),
    n: 500,
    key: random.key(0),
  });
  await learner.dispose?.();
  return scores;
}

describe("cyclecoop/mnist-edges", () => {
  it("finds the edges of digits, and digits of edges", async () => {
    const { x, y } = await scored({}, 300);
    console.log(y.raw, x.raw, y.cycle, x.cycle);
    expect(y.raw.retrieval).toBeGreaterThanOrEqual(0.95);
    expect(y.raw.psnr).toBeGreaterThanOrEqual(17.5);
    expect(x.raw.retrieval).toBeGreaterThanOrEqual(0.85);
    expect(x.raw.psnr).toBeGreaterThanOrEqual(17);
    expect(y.cycle).toBeLessThanOrEqual(0.06);
  });

  // How far off depends on the first weights: a translator that happens to keep contrast at the start
  // learns to keep its input, whose edges are then found among others. Measured after 120 iterations
  // without teaching: 16 to 62 % of the true pairs and 9.7 to 12.8 dB with eight seeds; 0 to 71 % and
  // 4.2 to 14.5 dB with fourteen seeds of the same networks in PyTorch. The chain plays no part here.
  it.each([0, 1, 2])("is far off without teaching, although it comes back, seed %i", async (seed) => {
    const { y } = await scored({ teaching: 0, steps: 1 }, 120, seed);
    console.log(`cycle only, seed ${seed}`, y.raw, y.cycle);
    expect(y.raw.psnr).toBeLessThan(15.5);
    expect(y.raw.retrieval).toBeLessThan(0.85);
    expect(y.cycle).toBeLessThan(0.06);
  });
});
