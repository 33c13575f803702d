/**
 * Forward and reverse perplexity: fluency and coverage of generated text.
 *
 * The language model is an LSTM, as in the second source. Perplexities under another model (a
 * 5-gram model in the first source) are on another scale.
 * Sources: J. Zhao, Y. Kim, K. Zhang, A. Rush, Y. LeCun, "Adversarially Regularized Autoencoders",
 * arXiv 1706.04223; B. Pang et al., "Learning Latent Space Energy-Based Prior Model", arXiv
 * 2006.08205.
 */
import type { Tokens } from "@ergodic/data";
import type { Perplexity } from "./perplexity.js";
import {
  assertScorableText,
  trainLanguageModel,
  type LanguageModelProtocol,
  type LanguageModelTraining,
} from "./train-language-model.js";

export interface ForwardPerplexity {
  /** Perplexity of the generated text. */
  readonly generated: Perplexity;
  /** Perplexity of held-out real text: the fluency of real text. */
  readonly floor?: Perplexity;
  readonly languageModel: LanguageModelProtocol;
}

export interface ReversePerplexity {
  /** Perplexity of the real text. */
  readonly real: Perplexity;
  readonly languageModel: LanguageModelProtocol;
}

/**
 * The perplexity of generated text under a language model trained on real text: fluency.
 *
 * Repetition of one good sentence scores well, so report {@link reversePerplexity} too.
 *
 * @param texts `real` for training; `heldOut`, further real text, for the floor
 * @param training `vocabulary` should be that of `real`, for both directions
 * @throws ValidationError for a text without sentences or with one of more than 255 words, before
 *   training
 */
export async function forwardPerplexity(
  texts: {
    readonly generated: readonly Tokens[];
    readonly real: readonly Tokens[];
    readonly heldOut?: readonly Tokens[] | undefined;
  },
  training: LanguageModelTraining,
): Promise<ForwardPerplexity> {
  const { vocabulary } = training;
  assertScorableText("the generated text", texts.generated, vocabulary);
  if (texts.heldOut !== undefined) assertScorableText("the held-out text", texts.heldOut, vocabulary);
  const model = await trainLanguageModel(texts.real, training);
  try {
    return {
      generated: await model.perplexity(texts.generated),
      ...(texts.heldOut === undefined ? {} : { floor: await model.perplexity(texts.heldOut) }),
      languageModel: model.protocol,
    };
  } finally {
    await model.dispose();
  }
}

/**
 * The perplexity of real text under a language model trained on generated text: coverage.
 *
 * It is high when real text says what the generated text never says. Compare equal counts of
 * generated sentences only, for example as many as in the real training text.
 *
 * @param texts `real` should be text that the generating model has not seen
 * @param training `vocabulary` is that of real text; one of generated text would merge all missing
 *   words into one that is cheap to predict
 * @throws ValidationError as {@link forwardPerplexity}
 */
export async function reversePerplexity(
  texts: { readonly generated: readonly Tokens[]; readonly real: readonly Tokens[] },
  training: LanguageModelTraining,
): Promise<ReversePerplexity> {
  assertScorableText("the real text", texts.real, training.vocabulary);
  const model = await trainLanguageModel(texts.generated, training);
  try {
    return { real: await model.perplexity(texts.real), languageModel: model.protocol };
  } finally {
    await model.dispose();
  }
}
