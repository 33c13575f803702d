/** The language model behind perplexities: an update, and the scores of many sentences. */
import { languageModelLearner } from "@ergodic/evaluation/text";
import { random } from "@ergodic/tensor";
import { firstNumber, milliseconds, type Case } from "../case.js";
import { iterated } from "../iterated.js";
import { fixedSentences } from "../sentences.js";

const [rows, symbols] = [32, 2002];
const about = (model: "lstm" | "gru"): string =>
  `32 sentences of 16 places, 2,002 words, ${model.toUpperCase()} of 256`;

const update = (name: string, model: "lstm" | "gru"): Case => ({
  name,
  title: `update of the language model of perplexities, ${about(model)}`,
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 3,
  async prepare() {
    const batch = fixedSentences(rows, symbols);
    const learner = languageModelLearner(symbols, { model });
    const updates = await iterated(learner, batch, { key: random.key("language model"), metric: "nats" });
    return {
      call: updates.call,
      check: async () => [
        await learner.negativeLogLikelihoods(
          { ...(await learner.init(random.key(0), batch)), params: updates.params() },
          batch,
        ),
      ],
    };
  },
});

export const languageModelUpdate = update("language-model", "lstm");
export const languageModelGruUpdate = update("language-model-gru", "gru");

/** Batches of 10,000 sentences. */
const batches = Math.ceil(10_000 / rows);

export const languageModelScores: Case = {
  name: "language-model-scores",
  title: `-log p of 10,000 sentences under that model, in batches of ${about("lstm")}`,
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  async prepare() {
    const batch = fixedSentences(rows, symbols);
    const learner = languageModelLearner(symbols);
    const state = await learner.init(random.key(0), batch);
    return {
      async call() {
        let sum = 0;
        for (let i = 0; i < batches; i++) sum += firstNumber(await learner.negativeLogLikelihoods(state, batch));
        return sum;
      },
    };
  },
};
