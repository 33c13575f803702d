/**
 * A language model, log p(w_1 ... w_n) = Σ_t log p(w_t | w_1 ... w_{t-1}), by one recurrent layer,
 * as a learner.
 *
 * Dropout is between layers only.
 * Source: W. Zaremba, I. Sutskever, O. Vinyals, "Recurrent Neural Network Regularization", arXiv
 * 1409.2329.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SentenceBatch } from "@ergodic/data";
import { compile } from "@ergodic/engine";
import {
  adam,
  clipped,
  dropout,
  embedding,
  gru,
  initializers,
  logSoftmaxAt,
  lstm,
  skipUnsound,
  trainedGradient,
  type AdamState,
  type AffineParams,
  type ClippedState,
  type EmbeddingParams,
  type GruParams,
  type Layer,
  type LstmParams,
  type SkipUnsoundState,
} from "@ergodic/nn";
import { assertOneOf, random, readScalars, type Key } from "@ergodic/tensor";
import type { Learner } from "@ergodic/training";

export interface LanguageModelOptions {
  /** The recurrent layer. Default "lstm". */
  readonly model?: "lstm" | "gru";
  /** Features of a word. Default 256. */
  readonly embedding?: number;
  /** Features of the recurrent layer. Default 256. */
  readonly hidden?: number;
  /** Dropout rate of embedded words and recurrent outputs during training. Default 0.5. */
  readonly dropout?: number;
  /** Learning rate of Adam. Default 0.001. */
  readonly learningRate?: number;
}

export const languageModelDefaults = {
  model: "lstm",
  embedding: 256,
  hidden: 256,
  dropout: 0.5,
  learningRate: 1e-3,
} as const;

type Params = {
  readonly words: EmbeddingParams;
  readonly recurrent: LstmParams | GruParams;
  /** `weight` `[words, hidden]`, `bias` `[words]`. */
  readonly next: AffineParams;
};

export type LanguageModelState = {
  readonly params: Params;
  readonly optimizer: SkipUnsoundState<ClippedState<AdamState>>;
};

export interface LanguageModelLearner extends Learner<LanguageModelState, SentenceBatch> {
  /** -log p in nats of each sentence of a batch, including its end, `[rows]`. */
  negativeLogLikelihoods(state: LanguageModelState, batch: SentenceBatch): Promise<tf.Tensor1D>;
  /** Frees the compiled programs. */
  dispose(): Promise<void>;
}

/** Maximum norm of gradients, which recurrence can make large. */
const longestGradient = 5;

/**
 * Embedding, recurrent layer, affine map to the `size` words of a vocabulary, softmax.
 *
 * Each sentence starts from zeros and the boundary. An update descends `nats`, the mean of -log p
 * over all words and ends of the batch.
 *
 * @throws ValidationError for a `model` that is neither of the two
 */
export function languageModelLearner(size: number, options: LanguageModelOptions = {}): LanguageModelLearner {
  const settings = { ...languageModelDefaults, ...options };
  const { model, embedding: features, hidden, dropout: rate, learningRate } = settings;
  assertOneOf({ model }, ["lstm", "gru"]);
  const words = embedding({ count: size, out: features });
  const layer = model === "lstm" ? lstm : gru;
  const recurrent = layer({ in: features, hidden }) as Layer<LstmParams | GruParams>;
  const scale = { fanIn: hidden, fanOut: size };
  const optimizer = skipUnsound(clipped(adam({ learningRate }), { maxNorm: longestGradient }));

  /** -log p of every word and end, `[rows, time]`, zero in padding. */
  const surprise = (params: Params, batch: SentenceBatch, drop: (x: tf.Tensor, place: number) => tf.Tensor) => {
    const seen = drop(words.apply(params.words, batch.before), 0);
    const output = drop(recurrent.apply(params.recurrent, seen), 1);
    const places = batch.next.size;
    const flat = tf.reshape(output, [places, hidden]);
    const logProbs = logSoftmaxAt(params.next, flat, tf.reshape(batch.next, [places]));
    return tf.mul(tf.neg(tf.reshape(logProbs, batch.next.shape)), batch.weight);
  };
  const step = compile(({ params, optimizer: before }: LanguageModelState, batch: SentenceBatch, key: Key) => {
    const drop = (x: tf.Tensor, place: number): tf.Tensor => dropout(x, rate, random.fold(key, place));
    const loss = (p: Params): tf.Tensor => tf.div(tf.sum(surprise(p, batch, drop)), tf.sum(batch.weight));
    const { value, grad } = trainedGradient(loss)(params);
    const moved = optimizer.update(params, grad, before);
    return {
      state: { params: moved.params, optimizer: moved.state },
      metrics: { nats: value, ...optimizer.metrics!(moved.state) },
    };
  });
  const score = compile((params: Params, batch: SentenceBatch) =>
    tf.sum(
      surprise(params, batch, (x) => x),
      1,
    ),
  );

  return {
    init(key) {
      const part = (index: number): Key => random.fold(key, index);
      const params = {
        words: words.init(part(0)),
        recurrent: recurrent.init(part(1)),
        next: {
          weight: initializers.uniformFanIn(part(2), { shape: [size, hidden], ...scale }),
          bias: initializers.uniformFanIn(part(3), { shape: [size], ...scale }),
        },
      };
      return Promise.resolve({ params, optimizer: optimizer.init(params) });
    },
    async update(state, batch, { key }) {
      const moved = await step(state, batch, key);
      return { state: moved.state, metrics: await readScalars(moved.metrics) };
    },
    negativeLogLikelihoods: async ({ params }, batch) => (await score(params, batch)) as tf.Tensor1D,
    describe: () =>
      `language model of ${size} words, embedding ${features}, ${model.toUpperCase()} ${hidden}, dropout ${rate}`,
    async dispose() {
      await Promise.all([step.dispose(), score.dispose()]);
    },
  };
}
