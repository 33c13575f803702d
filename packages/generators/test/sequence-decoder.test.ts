/**
 * Decoders of sequences: sums over all sequences, a step-by-step reference, and laws of decoding.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, tree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { sequenceDecoder, type SequenceDecoderOptions, type TokenSequence } from "../src/index.js";

const symbols = 3;
const sizes = { latentDimension: 2, symbols, embedding: 4, hidden: 4, maxLength: 4 };
/** Larger weights than the default, so that probabilities differ. */
const init: SequenceDecoderOptions["init"] = (key, { shape }) => random.normal(key, shape, { sd: 0.9 });
const forms: readonly (readonly [string, Partial<SequenceDecoderOptions>])[] = [
  ["lstm", {}],
  ["gru", { cell: "gru" }],
  ["tied gru with z in its state", { cell: "gru", tied: true, latentTo: "state" }],
  ["lstm with z at its inputs", { latentTo: "inputs" }],
];
const valuesOf = (x: tf.Tensor): number[] => [...x.dataSync()];
const whole = (rows: readonly (readonly number[])[]): TokenSequence => {
  const tokens = tf.tensor2d(rows as number[][], undefined, "int32");
  return { tokens, weight: tf.ones(tokens.shape) };
};
/** All sequences of this length. */
const all = (length: number): number[][] =>
  length === 0 ? [[]] : all(length - 1).flatMap((row) => Array.from({ length: symbols }, (_, k) => [...row, k]));

describe.each(["cpu", "onnx"] as const)("a decoder of sequences on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  const made = (options: Partial<SequenceDecoderOptions> = {}) => {
    const { generator, observation } = sequenceDecoder({ ...sizes, init, ...options });
    const params = generator.init(random.key(0));
    const logDensity = compile((p: typeof params, z: tf.Tensor, x: TokenSequence) =>
      observation.logDensity(generator.apply(p, z), x),
    );
    return { generator, observation, params, logDensity };
  };
  const latents = (n: number): tf.Tensor => tf.tile(tf.tensor2d([[0.7, -1.2]]), [n, 1]);

  it.each(forms)("%s: probabilities of all sequences sum to one, and the size is told", async (_, options) => {
    const { generator, params, logDensity } = made(options);
    const rows = all(3);
    const found = valuesOf(await logDensity(params, latents(rows.length), whole(rows)));
    expect(found.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 5);
    expect(new Set(found).size).toBe(rows.length);
    expect(generator.parameterCount).toBe(tree.sizeOf(params));
  });

  it("gives each symbol its probability after those before, with z beside every input", async () => {
    const { generator, params, logDensity } = made();
    const matrixOf = (x: tf.Tensor) => x.arraySync() as number[][];
    const lstm = params.recurrent as Record<"input" | "recurrent" | "bias", tf.Tensor>;
    const [E, W, R, Z] = [params.words.vectors, lstm.input, lstm.recurrent, params.beside!].map(matrixOf);
    const [V, c, b] = [params.next!.weight, params.next!.bias, lstm.bias].map((x) => x.arraySync()) as [
      number[][],
      number[],
      number[],
    ];
    const z = valuesOf(latents(1));
    const times = (x: readonly number[], matrix: readonly number[][]): number[] =>
      matrix[0]!.map((__, j) => x.reduce((sum, value, i) => sum + value * matrix[i]![j]!, 0));
    const start = (name: string): number[] => {
      const { weight, bias } = (params.start as Record<string, Record<string, tf.Tensor>>)[name]!;
      return times(z, matrixOf(weight!)).map((value, j) => value + valuesOf(bias!)[j]!);
    };
    const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
    let [h, state, last, expected] = [start("hidden"), start("cell"), 0, 0];
    for (const symbol of [2, 1, 0]) {
      const parts = [times(E![last]!, W!), times(h, R!), times(z, Z!), b];
      const gates = b.map((__, j) => parts.reduce((sum, part) => sum + part[j]!, 0));
      const gate = (k: number, i: number): number => gates[4 * k + i]!;
      state = state.map((value, i) => sigmoid(gate(1, i)) * value + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
      h = state.map((value, i) => sigmoid(gate(3, i)) * Math.tanh(value));
      const scores = V.map((row, k) => row.reduce((sum, value, i) => sum + value * h[i]!, c[k]!));
      expected += scores[symbol]! - Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
      last = symbol;
    }
    const [found] = valuesOf(await logDensity(params, latents(1), whole([[2, 1, 0]])));
    expect(Math.abs(found! - expected)).toBeLessThan(2e-6 * Math.abs(expected));
    expect(generator.latentDimension).toBe(2);
  });

  it("counts nothing behind the end of a sequence", async () => {
    const { params, logDensity } = made();
    const padded = (rest: number): TokenSequence => ({
      tokens: tf.tensor2d([[1, 2, 0, rest, rest]], [1, 5], "int32"),
      weight: tf.tensor2d([[1, 1, 1, 0, 0]]),
    });
    const [short, ...long] = await Promise.all(
      [whole([[1, 2, 0]]), padded(0), padded(2)].map(
        async (x) => valuesOf(await logDensity(params, latents(1), x))[0]!,
      ),
    );
    for (const one of long) expect(Math.abs(one - short!)).toBeLessThan(1e-5);
  });

  it.each(forms)("%s: decodes the likeliest symbol at every step, up to the end", async (_, options) => {
    const { generator, observation, params } = made(options);
    const z = random.normal(random.key(5), [40, 2], { sd: 2 });
    const decoded = await compile((p: typeof params, at: tf.Tensor) => {
      const y = generator.apply(p, at);
      const x = observation.decode(y);
      return { x, error: observation.error(y, x) };
    })(params, z);
    // Each symbol is the likeliest after those before it, so the error is zero.
    expect(valuesOf(decoded.error)).toEqual(Array(40).fill(0));
    const [tokens, weights] = [decoded.x.tokens, decoded.x.weight].map((x) => x.arraySync() as number[][]);
    tokens!.forEach((row, i) => {
      const end = row.indexOf(0);
      const length = end < 0 ? 4 : end + 1;
      expect(weights![i]).toEqual(row.map((__, t) => (t < length ? 1 : 0)));
      expect(row.slice(length)).toEqual(Array(4 - length).fill(0));
    });
  });

  it("draws sequences with their probabilities", async () => {
    const { generator, observation, params, logDensity } = made();
    const n = 8_000;
    const drawn = await compile((p: typeof params, at: tf.Tensor) =>
      observation.sample(generator.apply(p, at), random.key(7)),
    )(params, latents(n));
    const rows = (drawn.tokens.arraySync() as number[][]).map((row) => row.slice(0, 2).join());
    const pairs = all(2).filter(([first]) => first !== 0);
    const logs = valuesOf(await logDensity(params, latents(pairs.length), whole(pairs)));
    pairs.forEach((pair, i) => {
      const p = Math.exp(logs[i]!);
      const share = rows.filter((row) => row === pair.join()).length / n;
      // Five standard errors for 6 pairs: a false-alarm rate of 4e-6.
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / n));
    });
  });

  it("drops while learning alone, and its gradients reach every parameter and the latent", async () => {
    const dropping = made({ dropout: { words: 0.5, embedding: 0.5, output: 0.5 } });
    const { generator, observation, params } = dropping;
    const x = whole([
      [1, 2, 0],
      [2, 2, 0],
    ]);
    const loss = compile((p: typeof params, z: tf.Tensor, seen: TokenSequence) => {
      const at = (key?: string) =>
        valueAndGrad((of: { readonly p: typeof params; readonly z: tf.Tensor }) =>
          tf.sum(observation.logDensity(generator.apply(of.p, of.z), seen, key ? { key: random.key(key) } : undefined)),
        )({ p, z });
      return { plain: at(), one: at("1"), again: at("1"), other: at("2") };
    });
    const { plain, one, again, other } = await loss(params, latents(2), x);
    const [first] = valuesOf(plain.value);
    expect(valuesOf(await dropping.logDensity(params, latents(2), x)).reduce((a, b) => a + b)).toBeCloseTo(first!, 4);
    expect(valuesOf(one.value)).toEqual(valuesOf(again.value));
    expect(new Set([plain, one, other].map(({ value }) => valuesOf(value)[0])).size).toBe(3);
    for (const leaf of tree.leaves(plain.grad)) expect(valuesOf(leaf).some((value) => value !== 0)).toBe(true);
  });

  it("refuses options and sequences that do not fit", () => {
    expect(() => sequenceDecoder({ ...sizes, boundary: 3 })).toThrow(/boundary is 3/);
    expect(() => sequenceDecoder({ ...sizes, tied: true, hidden: 8 })).toThrow(/equal sizes for tied scores/);
    expect(() => sequenceDecoder({ ...sizes, dropout: { words: 1 } })).toThrow(/dropout.words is 1/);
    expect(() => sequenceDecoder({ ...sizes, cell: "rnn" as "gru" })).toThrow(/cell is "rnn"/);
    const { generator, observation, params } = made();
    expect(() => generator.apply(params, tf.zeros([2, 3]))).toThrow(/the latent of a decoder of sequences/);
    expect(() => observation.logDensity(generator.apply(params, latents(2)), whole([[1, 0]]))).toThrow(/the tokens/);
  });
});
