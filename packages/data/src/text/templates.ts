/**
 * Sentences of a small grammar whose law is known: four topics, with 64 sentences each.
 *
 * A model of these sentences has -log p of at least log 256 = 5.545 nats on average.
 */
import { assertPositiveInteger, random, type Key } from "@ergodic/tensor";

/** The words at each place of a sentence, for each topic. */
const topics: readonly (readonly (readonly string[])[])[] = [
  "the sky,rain,wind,sun was cold,warm,grey,bright in march,april,june,july",
  "we ate soup,rice,bread,fish with salt,pepper,lemon,garlic at noon,night,dawn,dusk",
  "a train,bus,plane,ship left paris,rome,oslo,cairo for lima,tokyo,delhi,quito",
  "her piano,guitar,violin,drum played loud,soft,fast,slow for hours,minutes,days,weeks",
].map((topic) => topic.split(" ").map((place) => place.split(",")));

const expanded = (places: readonly (readonly string[])[]): string[][] =>
  places.reduce<string[][]>((begun, words) => begun.flatMap((start) => words.map((word) => [...start, word])), [[]]);

export interface TemplateGrammar {
  /** All 256 sentences, equally likely. */
  readonly sentences: readonly (readonly string[])[];
  /** The number of different words. */
  readonly words: number;
  /** log 256, in nats: the entropy of a sentence. */
  readonly entropy: number;
  /** `n` draws. */
  draw(key: Key, n: number): readonly (readonly string[])[];
  /** The topic of a sentence, 0 to 3; undefined if the grammar does not have the sentence. */
  topicOf(sentence: readonly (string | number)[]): number | undefined;
}

/** The grammar. */
export function templateGrammar(): TemplateGrammar {
  const sentences = topics.flatMap(expanded);
  const numbers = new Map(sentences.map((sentence, i) => [sentence.join(" "), i]));
  const each = sentences.length / topics.length;
  return {
    sentences,
    words: new Set(sentences.flat()).size,
    entropy: Math.log(sentences.length),
    draw(key, n) {
      assertPositiveInteger({ n });
      const drawn = random.host.uniform(key, n);
      return Array.from(drawn, (u) => sentences[Math.floor(u * sentences.length)]!);
    },
    topicOf(sentence) {
      const number = numbers.get(sentence.join(" "));
      return number === undefined ? undefined : Math.floor(number / each);
    },
  };
}
