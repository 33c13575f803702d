/**
 * A decoder that reads the symbols before the next one: p(x | z) = Π_t softmax(T[x_{t-1}] + z
 * W)[x_t], with x_0 = 0.
 *
 * The likelihood of a whole sequence needs the decoder's parameters, so the generator returns them
 * beside z W. There are 3 symbols and 3 steps, so all 27 sequences can be counted.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { standardNormal, type ObservationModel } from "@ergodic/generators";
import { adam, dropout, type Layer } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import { latentPrior } from "../src/index.js";
import { enginesOnThisMachine, valuesOf } from "./support.js";

const symbols = 3;
const time = 3;
const dimension = 2;

type Params = { readonly transitions: tf.Tensor; readonly weight: tf.Tensor };
/**
 * Logits are `transitions` `[symbols, symbols]` of the symbol before, plus `shift` `[batch,
 * symbols]` of the latent.
 */
type Decoder = { readonly transitions: tf.Tensor; readonly shift: tf.Tensor };

const generator: Layer<Params, tf.Tensor, Decoder> = {
  init: (key) => ({
    transitions: random.normal(random.fold(key, 0), [symbols, symbols]),
    weight: random.normal(random.fold(key, 1), [dimension, symbols]),
  }),
  apply: ({ transitions, weight }, z) => ({ transitions, shift: tf.matMul(z, weight) }),
};

/** Logits of the next symbol, after the symbols `last`, int32 `[batch]`. */
const logits = ({ transitions, shift }: Decoder, last: tf.Tensor): tf.Tensor =>
  tf.add(tf.gather(transitions, last as tf.Tensor1D), shift);

const greedy = (y: Decoder): tf.Tensor => {
  const words: tf.Tensor[] = [];
  let last: tf.Tensor = tf.fill([y.shift.shape[0]!], 0, "int32");
  for (let t = 0; t < time; t++) {
    last = tf.argMax(logits(y, last), 1);
    words.push(last);
  }
  return tf.stack(words, 1);
};

const observation: ObservationModel<tf.Tensor, Decoder> = {
  logDensity({ transitions, shift }, x, learning) {
    // Dropout of the latent's part, in losses alone.
    const told = learning?.key === undefined ? shift : dropout(shift, 0.5, learning.key);
    const columns = tf.unstack(x, 1);
    const terms = columns.map((word, t) => {
      const last = t === 0 ? tf.zerosLike(word) : columns[t - 1]!;
      const chosen = tf.mul(
        tf.oneHot(word as tf.Tensor1D, symbols),
        tf.logSoftmax(logits({ transitions, shift: told }, last)),
      );
      return tf.sum<tf.Tensor1D>(chosen, 1);
    });
    return terms.reduce((sum, term) => tf.add(sum, term));
  },
  decode: greedy,
  sample: greedy,
  error: (y, x) => tf.mean(tf.cast(tf.notEqual(greedy(y), x), "float32"), 1),
};

const model = latentPrior({
  generator,
  latents: standardNormal([dimension]),
  observation,
  energy: mlpEnergy({ in: dimension, widths: [4] }),
  optimizers: { generator: adam({ learningRate: 0.05 }), energy: adam({ learningRate: 1e-3 }) },
  prior: { steps: 3, stepSize: 0.4 },
  posterior: { steps: 3, stepSize: 0.2 },
  observe: (words: tf.Tensor) => words,
});

/** Sequences that count up from 1: 1, 2, 0. */
const counting = (n: number): tf.Tensor => tf.tile(tf.tensor2d([[1, 2, 0]], [1, time], "int32"), [n, 1]);

describe.each(enginesOnThisMachine)("a decoder that reads the symbols before on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("has a likelihood that sums to one over all sequences", () => {
    const all = Array.from({ length: symbols ** time }, (_, i) => [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3]);
    const z = tf.tile(random.normal(random.key(1), [1, dimension]), [all.length, 1]);
    const y = generator.apply(generator.init(random.key(0)), z);
    const probabilities = valuesOf(tf.exp(observation.logDensity(y, tf.tensor2d(all, undefined, "int32"))));
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  });

  it("is learned through its parameters in the likelihood, and decodes what it learned", async () => {
    let state = await model.init(random.key(0), counting(1));
    const before = valuesOf(state.params.generator.transitions);
    for (let i = 0; i < 60; i++) {
      const { state: next } = await model.update(state, counting(16), {
        key: random.fold(random.key(1), i),
        iteration: i,
      });
      tree.dispose(state);
      state = next;
    }
    expect(valuesOf(state.params.generator.transitions)).not.toEqual(before);
    const { reconstruction } = await model.reconstruct(state, counting(5), random.key(2));
    expect(valuesOf(reconstruction)).toEqual(valuesOf(counting(5)));
    // Scores are of evaluation: the same for the same key, and higher for a sequence that was never
    // seen.
    const [seen, unseen] = [counting(4), tf.fill([4, time], 2, "int32")];
    const scores = valuesOf(await model.score(state, seen, random.key(3)));
    expect(valuesOf(await model.score(state, seen, random.key(3)))).toEqual(scores);
    const others = valuesOf(await model.score(state, unseen, random.key(3)));
    expect(Math.min(...others)).toBeGreaterThan(Math.max(...scores));
  });
});
