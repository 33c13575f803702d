import { describe, expect, it } from "vitest";
import { bleu, selfBleu, type BleuSmoothing } from "../../src/entries/text.js";
import { sentencesOf } from "./source.js";

const words = (text: string) => text.split(" ");

describe("bleu", () => {
  // Values of NLTK, sacrebleu and multi-bleu.perl.
  it("of one sentence with two references matches the golden value", () => {
    const references = [["there is a cat on the mat", "a cat is on the mat"].map(words)];
    expect(bleu([words("the cat is on the mat")], references).value).toBeCloseTo(0.759835685652, 11);
  });

  it.each<[BleuSmoothing, number]>([
    ["none", 0],
    ["exp", 0.297301778751],
    ["floor", 0.198817682192],
  ])("of a corpus without 4-grams in common, smoothed by %s, matches the golden value", (smoothing, value) => {
    const texts = ["the quick brown fox jumps", "energy models assign low values to data"].map(words);
    const references = [
      ["a quick brown fox jumped over"].map(words),
      ["energy based models assign low energy to data points", "models give data low energy"].map(words),
    ];
    const score = bleu(texts, references, { smoothing });
    expect(score.found).toEqual([9, 5, 2, 0]);
    expect(score.total).toEqual([12, 10, 8, 6]);
    expect(score.value).toBeCloseTo(value, 11);
  });

  it("takes the shorter of two references equally near in length", () => {
    const text = words("a b c d");
    expect(bleu([text], [[words("a b c d e"), words("a b c")]]).brevityPenalty).toBe(1);
    expect(bleu([text], [[words("a b c d e")]]).brevityPenalty).toBeCloseTo(Math.exp(-1 / 4), 12);
  });

  it("is 1 for a copy, keeps words apart that joined would be equal, and refuses missing references", () => {
    expect(bleu([words("a b c d")], [[words("a b c d")]]).value).toBe(1);
    expect(bleu([["a b", "c"]], [[["a", "b c"]]], { order: 2 }).found).toEqual([0, 0]);
    expect(() => bleu([["a"]], [[]])).toThrow(/at least one reference/);
  });

  it("selfBleu is 1 for repeats and 0 for texts without a common word", () => {
    expect(selfBleu(["a b c d e", "a b c d e", "a b c d e"].map(words))).toBe(1);
    expect(selfBleu(["a b c d", "e f g h"].map(words))).toBe(0);
    expect(() => selfBleu([["a"]])).toThrow(/at least 2/);
  });

  it("selfBleu is the mean BLEU against all others, and a list of references serves many texts", () => {
    const texts = sentencesOf(7, 30).texts;
    const options = { order: 3, smoothing: "floor" } as const;
    const others = (i: number) => texts.filter((_, j) => j !== i);
    const slowly = texts.map((text, i) => bleu([text], [others(i)], options).value);
    expect(selfBleu(texts, options)).toBeCloseTo(slowly.reduce((sum, value) => sum + value, 0) / 30, 12);
    const copies = texts.slice(0, 5).map(() => [...texts]);
    const shared = texts.slice(0, 5).map(() => texts);
    expect(bleu(texts.slice(0, 5), shared, options)).toEqual(bleu(texts.slice(0, 5), copies, options));
    expect(bleu(texts.slice(0, 5), shared, options).value).toBe(1);
  });
});
