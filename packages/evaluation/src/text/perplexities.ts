/**
 * Forward and reverse perplexity: whether generated text reads well, and whether it covers what there is to say.
 *
 * J. Zhao, Y. Kim, K. Zhang, A. Rush, Y. LeCun, "Adversarially Regularized Autoencoders", arXiv 1706.04223. The language model is an LSTM, as
 * in B. Pang et al., "Learning Latent Space Energy-Based Prior Model", arXiv 2006.08205; perplexities under another (ARAE's own is a 5-gram
 * model) are on another scale.
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
  /** Of the generated text. */
  readonly generated: Perplexity;
  /** Of real text that was held out: fluency of the real thing. */
  readonly floor?: Perplexity;
  readonly languageModel: LanguageModelProtocol;
}

export interface ReversePerplexity {
  /** Of the real text. */
  readonly real: Perplexity;
  readonly languageModel: LanguageModelProtocol;
}

/**
 * The perplexity of generated text under a language model that learnt from real text: fluency. Repeating one good sentence does well, so it
 * goes with {@link reversePerplexity}.
 *
 * @param texts `real` to learn from; `heldOut`, real text besides, for the floor
 * @param training `vocabulary` is best that of `real`, for both directions
 * @throws ValidationError for a text without sentences or with one of more than 255 words, before anything is learnt
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
 * The perplexity of real text under a language model that learnt from generated text: what a model never says surprises it. Compare equal
 * counts of generated sentences only, as many as there were to learn from, say.
 *
 * @param texts `real` is best text that the generating model has not seen
 * @param training `vocabulary` is that of real text: with one of the generated text, words it lacks would all be one, and cheap to predict
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
