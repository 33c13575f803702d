/**
 * Topics of bags of words from one labelled bag of each topic.
 *
 * Bags hold the three words of a template that differ. A classifier of the labelled bags alone knows
 * the words of 1 - (3/4)³ = 58 % of all bags, and guesses one in four of the others: 68 %.
 */
import { arrayDataset, templateGrammar } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { conditionalResidualMlp } from "@ergodic/energies";
import { bagOfWords, networkGenerator, normalInference } from "@ergodic/generators";
import { adam, mlp } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { latentDiffusion } from "../../src/index.js";

beforeAll(() => useEngine("onnx"));

const grammar = templateGrammar();
const topics = grammar.sentences.map((sentence) => grammar.topicOf(sentence)!);
/** Words that not all sentences of a topic have. */
const telling = [...new Set(grammar.sentences.flat())].filter(
  (word) => grammar.sentences.filter((sentence) => sentence.includes(word)).length < 64,
);
const bags = grammar.sentences.map((sentence) => telling.map((word) => Number(sentence.includes(word))));
const all = arrayDataset({ counts: bags, labels: topics });
/** The first sentence of each topic. */
const shown = [0, 1, 2, 3].map((topic) => topics.indexOf(topic));
const few = arrayDataset({ counts: shown.map((i) => bags[i]!), labels: [0, 1, 2, 3] });

type Bags = { readonly counts: tf.Tensor; readonly labels: tf.Tensor };

/** The share of bags that are classified right after learning. */
async function accuracy(data: typeof all, seed: number): Promise<number> {
  const rate = adam({ learningRate: 3e-3 });
  const learner = latentDiffusion({
    generator: networkGenerator({
      latentDimension: 4,
      outputShape: [telling.length],
      network: mlp({ in: 4, widths: [32], out: telling.length }),
    }),
    observation: bagOfWords(),
    inference: normalInference({
      dimension: 4,
      network: mlp({ in: telling.length, widths: [32], out: 8 }),
      floor: 0,
    }),
    network: conditionalResidualMlp({ in: 4, out: 4, width: 32, blocks: 2 }),
    symbols: 4,
    chain: { steps: 10 },
    weights: { divergence: 0.5, information: 0.1, symbols: 5 },
    labels: ({ labels }: Bags) => labels as tf.Tensor1D,
    supervision: { labelled: few, batchSize: 4 },
    optimizers: { generator: rate, inference: rate, energy: rate },
    observe: ({ counts }: Bags) => counts,
  });
  const batches = data.batches({ batchSize: Math.min(64, data.size), key: random.key(seed) });
  let state = await learner.init(random.fold(random.key(seed), 1), batches.at(0));
  for (let iteration = 0; iteration < 300; iteration++) {
    const batch = batches.at(iteration);
    const next = await learner.update(state, batch, { key: random.fold(random.key(seed), iteration + 2), iteration });
    tree.dispose([batch, state]);
    state = next.state;
  }
  const { logProbabilities, labels } = await learner.classify!(state, all.take(Int32Array.from(bags.keys())));
  const right = tf.mean(tf.cast(tf.equal(tf.argMax(logProbabilities, 1), labels), "float32")).dataSync()[0]!;
  await learner.dispose?.();
  return right;
}

it("bags without labels tell the topics of words that no labelled bag has", async () => {
  for (const seed of [1, 2, 3]) {
    const [alone, together] = [await accuracy(few, seed), await accuracy(all, seed)];
    expect(alone).toBeLessThan(0.8);
    expect(together).toBeGreaterThan(0.9);
  }
});
