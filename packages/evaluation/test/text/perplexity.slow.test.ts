/** With enough text the perplexity of a source converges to exp(entropy), from above. */
import { useEngine } from "@ergodic/engine";
import { expect, it } from "vitest";
import { vocabularyOf } from "@ergodic/data";
import { forwardPerplexity } from "../../src/entries/node.js";
import { entropyRate, sentencesOf } from "./source.js";

it("is within 0.5 % of exp(entropy) after 20,000 sentences", async () => {
  await useEngine("onnx");
  const [real, generated] = [sentencesOf(1, 20_000).texts, sentencesOf(2, 20_000)];
  const { generated: score } = await forwardPerplexity(
    { generated: generated.texts, real },
    { vocabulary: vocabularyOf(real), embedding: 12, hidden: 24, dropout: 0, learningRate: 3e-3, epochs: 4 },
  );
  const truth = generated.nats / score.tokens;
  expect(score.nats).toBeGreaterThan(truth);
  expect(score.nats - truth).toBeLessThan(0.005);
  // 80,000 draws of sd 0.9 have a standard error of 0.0032. The bound is six standard errors.
  expect(Math.abs(truth - entropyRate)).toBeLessThan(0.02);
});
