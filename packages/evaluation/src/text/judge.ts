/** A classifier of sentences by their words alone, as a judge of generated ones. */
import type { Tokens, Vocabulary } from "@ergodic/data";
import { compile } from "@ergodic/engine";
import { adam, crossEntropy, dense, trainedGradient } from "@ergodic/nn";
import { fail, random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface JudgeOptions {
  /** Steps over the whole text. Default 60. */
  readonly steps?: number;
  /** Default 0.01. */
  readonly learningRate?: number;
  /** Default 1e-4. */
  readonly weightDecay?: number;
}

export interface Judge {
  /** The likeliest class of each sentence. */
  classesOf(sentences: readonly Tokens[]): Promise<Int32Array>;
  dispose(): Promise<void>;
}

/** Sentences in one call. */
const chunk = 1_000;

/**
 * Logistic regression on counts of words, from zero weights.
 *
 * @param labels the class of each sentence, from 0; sentences with -1 are left out
 * @throws ValidationError for another number of labels than sentences, or none from 0
 */
export async function trainJudge(
  sentences: readonly Tokens[],
  labels: ArrayLike<number>,
  vocabulary: Vocabulary,
  { steps = 60, learningRate = 0.01, weightDecay = 1e-4 }: JudgeOptions = {},
): Promise<Judge> {
  if (sentences.length !== labels.length)
    fail(`there are ${sentences.length} sentences and ${labels.length} labels`, "one label per sentence");
  const known = sentences.filter((_, i) => labels[i]! >= 0);
  const given = Int32Array.from(labels).filter((label) => label >= 0);
  if (known.length === 0) fail(`none of ${sentences.length} sentences has a label`, "at least one");
  const classes = 1 + Math.max(...new Set(given));
  const layer = dense({ in: vocabulary.size, out: classes });
  const optimizer = adam({ learningRate, weightDecay });
  const initial = tree.map((leaf) => tf.zerosLike(leaf), layer.init(random.key(0)));
  type State = { readonly params: typeof initial; readonly moments: ReturnType<typeof optimizer.init> };
  let state: State = { params: initial, moments: optimizer.init(initial) };
  const step = compile(({ params, moments }: State, bags: tf.Tensor, classesOf: tf.Tensor1D) => {
    const loss = (p: typeof initial) => crossEntropy(layer.apply(p, bags), classesOf);
    const next = optimizer.update(params, trainedGradient(loss)(params).grad, moments);
    return { params: next.params, moments: next.state };
  });
  const answer = compile((params: typeof initial, bags: tf.Tensor) => tf.argMax(layer.apply(params, bags), 1));
  const bags = bagsOf(known, vocabulary);
  const answers = tf.tensor1d(given, "int32");
  for (let i = 0; i < steps; i++) {
    const next = (await step(state, bags, answers)) as State;
    tree.dispose(state);
    state = next;
  }
  tree.dispose([bags, answers]);
  await step.dispose();
  return {
    async classesOf(texts) {
      const found: number[] = [];
      for (let from = 0; from < texts.length; from += chunk) {
        const part = bagsOf(texts.slice(from, from + chunk), vocabulary);
        const likeliest = await answer(state.params, part);
        found.push(...(await likeliest.data<"int32">()));
        tree.dispose([part, likeliest]);
      }
      return Int32Array.from(found);
    },
    async dispose() {
      tree.dispose(state);
      await answer.dispose();
    },
  };
}

/** Counts of words, `[sentences, words]`. */
function bagsOf(sentences: readonly Tokens[], vocabulary: Vocabulary): tf.Tensor2D {
  const counts = new Float32Array(sentences.length * vocabulary.size);
  sentences.forEach((sentence, i) => {
    for (const number of vocabulary.encode(sentence)) counts[i * vocabulary.size + number]!++;
  });
  return tf.tensor2d(counts, [sentences.length, vocabulary.size]);
}
