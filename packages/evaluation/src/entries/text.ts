/** N-gram overlaps of texts, and the language model behind perplexities. */
export { bleu, selfBleu, type Bleu, type BleuOptions, type BleuSmoothing } from "../text/bleu.js";
export {
  languageModelLearner,
  type LanguageModelLearner,
  type LanguageModelOptions,
  type LanguageModelState,
} from "../text/language-model.js";
export { trainJudge, type Judge, type JudgeOptions } from "../text/judge.js";
export { symbolControl, type SymbolControl } from "../text/symbol-control.js";
export { unigramDivergence } from "../text/unigram-divergence.js";
export { distinct } from "../text/distinct.js";
export { perplexityOf, type Perplexity } from "../text/perplexity.js";
