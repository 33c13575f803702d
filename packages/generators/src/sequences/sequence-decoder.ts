/**
 * Decoders of sequences: p(x | z) = Π_t p(x_t | x_1 ... x_{t-1}, z) by a recurrent layer.
 *
 * Sources: B. Pang et al., "Learning Latent Space Energy-Based Prior Model", arXiv 2006.08205; S.
 * Bowman et al., "Generating Sentences from a Continuous Space", arXiv 1511.06349.
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  decode,
  dense,
  dropout,
  embedding,
  gru,
  initializers,
  logSoftmaxAt,
  lstm,
  type AffineParams,
  type EmbeddingParams,
  type Initializer,
  type Layer,
  type Learning,
  type Recurrent,
} from "@ergodic/nn";
import {
  assertInRange,
  assertNonNegativeInteger,
  assertOneOf,
  assertPositiveInteger,
  assertShape,
  fail,
  random,
  tree,
  type Key,
  type TensorTree,
} from "@ergodic/tensor";
import { categorical, type TextOptions, type TokenSequence } from "../observations/categorical.js";
import type { ObservationModel } from "../observations/observation.js";

export interface SequenceDecoderOptions extends TextOptions {
  readonly latentDimension: number;
  /** Number of symbols, the boundary included. */
  readonly symbols: number;
  /** Features of a symbol. */
  readonly embedding: number;
  /** Features of the recurrent layer. */
  readonly hidden: number;
  /** Sequences are decoded up to this number of symbols. */
  readonly maxLength: number;
  /** Default "lstm". */
  readonly cell?: "lstm" | "gru";
  /**
   * Where z enters. "state": affine maps of z are the initial state (h_0, and c_0 of an LSTM).
   * "inputs": z stands beside the symbol at every step. Default "both".
   */
  readonly latentTo?: "state" | "inputs" | "both";
  /**
   * Scores are products with the embedded symbols, without a bias. `embedding` then equals
   * `hidden`. Default false.
   */
  readonly tied?: boolean;
  /** Rates while learning. Default 0 each. */
  readonly dropout?: {
    /** Whole symbols before the next one, which become zero vectors. */
    readonly words?: number;
    /** Features of embedded symbols. */
    readonly embedding?: number;
    /** Features of the recurrent layer's output. */
    readonly output?: number;
  };
  /** Stands before the first symbol and ends a sequence. Default 0, as in `@ergodic/data`. */
  readonly boundary?: number;
  /** Of all parameters. Default U(±1/√fan-in). */
  readonly init?: Initializer;
}

export type SequenceDecoderParams = {
  readonly words: EmbeddingParams;
  readonly recurrent: TensorTree;
  /** From z to each part of the initial state. Absent where it is zero. */
  readonly start?: TensorTree;
  /** From z to the gates, `[latentDimension, gates · hidden]`. Absent where z is no input. */
  readonly beside?: tf.Tensor;
  /** `weight` `[symbols, hidden]` and `bias` `[symbols]`. Absent where they are tied. */
  readonly next?: AffineParams;
};

/** What a decoder makes of latents: the likelihood reads the parameters too. */
export type DecodedSequence = {
  readonly params: SequenceDecoderParams;
  /** The state before the first symbol. */
  readonly state: TensorTree;
  /** What z adds to the gates at every step. */
  readonly offset?: tf.Tensor;
};

/** The two parts of a decoder, for the options `generator` and `observation` of learners. */
export interface SequenceDecoder {
  readonly generator: Layer<SequenceDecoderParams, tf.Tensor, DecodedSequence> & {
    readonly latentDimension: number;
    readonly parameterCount: number;
  };
  /**
   * p(x | y) of sequences that end with the boundary:
   * - `decode` takes the likeliest symbol at each step, and `sample` draws it, given those before.
   * - Weights of decoded sequences are 1 up to their end.
   * - `error` is the share of symbols of x that are not the likeliest given those of x before.
   */
  readonly observation: ObservationModel<TokenSequence, DecodedSequence>;
}

/**
 * A decoder of sequences of symbols. With e_t the embedded symbol before step t:
 *   h_t, c_t = LSTM([e_t; z], h_{t-1}, c_{t-1}),  p(x_t = k | ...) = softmax(h_t Wᵀ + b)_k.
 *
 * Symbols of weight 0 follow the end of a sequence. They do not count, and the layer reads nothing
 * from them.
 *
 * @throws ValidationError for sizes that are no positive integers, rates outside [0, 1), a boundary
 *   that is no symbol, and tied scores of other sizes than the embedding
 */
export function sequenceDecoder(options: SequenceDecoderOptions): SequenceDecoder {
  const { latentDimension, symbols, embedding: features, hidden, maxLength, boundary = 0 } = options;
  const { cell = "lstm", latentTo = "both", tied = false, init = initializers.uniformFanIn, vocabulary } = options;
  const rates = { words: 0, embedding: 0, output: 0, ...options.dropout };
  assertPositiveInteger({ latentDimension, symbols, embedding: features, hidden, maxLength });
  assertOneOf({ cell }, ["lstm", "gru"]);
  assertOneOf({ latentTo }, ["state", "inputs", "both"]);
  assertNonNegativeInteger({ boundary });
  assertInRange({ boundary }, { min: 0, max: symbols - 1 }, "it is one of the symbols");
  for (const [name, rate] of Object.entries(rates))
    assertInRange({ [`dropout.${name}`]: rate }, { min: 0, max: 1, maxOpen: true });
  if (tied && features !== hidden)
    fail(`embedding is ${features} and hidden ${hidden}`, "equal sizes for tied scores", "set tied: false");

  const words = embedding({ count: symbols, out: features, init: (key, of) => init(key, { ...of, fanIn: features }) });
  const layer = (cell === "lstm" ? lstm : gru)({ in: features, hidden, init }) as Recurrent<TensorTree, TensorTree>;
  const affine = { weight: init, bias: init };
  const start = dense({ in: latentDimension, out: hidden, init: affine });
  const states = cell === "lstm" ? ["cell", "hidden"] : ["hidden"];
  const gates = (cell === "lstm" ? 4 : 3) * hidden;
  const [toState, toInputs] = [latentTo !== "inputs", latentTo !== "state"];

  /** W and b of the scores. */
  const scorerOf = ({ words: { vectors }, next }: SequenceDecoderParams): AffineParams =>
    next ?? { weight: vectors, bias: tf.zeros([symbols]) };

  const generator: SequenceDecoder["generator"] = {
    latentDimension,
    parameterCount:
      symbols * features +
      (features + hidden + 1) * gates +
      (cell === "gru" ? hidden : 0) +
      (toState ? states.length * (latentDimension + 1) * hidden : 0) +
      (toInputs ? latentDimension * gates : 0) +
      (tied ? 0 : symbols * (hidden + 1)),
    init(key) {
      const part = (index: number): Key => random.fold(key, index);
      const shape = { fanIn: hidden, fanOut: symbols };
      return {
        words: words.init(part(0)),
        recurrent: layer.init(part(1)),
        ...(toState && {
          start: Object.fromEntries(states.map((name, i) => [name, start.init(random.fold(part(2), i))])),
        }),
        ...(toInputs && {
          beside: init(part(3), { shape: [latentDimension, gates], fanIn: hidden, fanOut: gates }),
        }),
        ...(!tied && {
          next: {
            weight: init(part(4), { shape: [symbols, hidden], ...shape }),
            bias: init(part(5), { shape: [symbols], ...shape }),
          },
        }),
      };
    },
    apply(params, z) {
      assertShape("the latent of a decoder of sequences", z, [null, latentDimension], "one row for each sequence");
      const maps = params.start as Readonly<Record<string, AffineParams>> | undefined;
      return {
        params,
        state: maps
          ? Object.fromEntries(states.map((name) => [name, start.apply(maps[name]!, z)]))
          : layer.initialState(z.shape[0]!),
        ...(params.beside && { offset: tf.matMul(z, params.beside) }),
      };
    },
  };

  /** Embedded symbols before each place, `[batch, time, features]`. */
  const embedded = (params: SequenceDecoderParams, tokens: tf.Tensor, key: Key | undefined): tf.Tensor => {
    const [batch, time] = tokens.shape as [number, number];
    const first = tf.fill([batch, 1], boundary, "int32");
    const before = tf.concat([first, tf.slice(tf.cast(tokens, "int32"), [0, 0], [batch, time - 1])], 1);
    const vectors = words.apply(params.words, before);
    if (key === undefined) return vectors;
    const kept =
      rates.words === 0
        ? vectors
        : tf.mul(
            vectors,
            tf.cast(tf.greaterEqual(random.uniform(random.fold(key, 0), [batch, time, 1]), rates.words), "float32"),
          );
    return dropout(kept, rates.embedding, random.fold(key, 1));
  };

  /** Outputs at every place given the symbols before it, `[batch · time, hidden]`. */
  const outputs = ({ params, state, offset }: DecodedSequence, { tokens, weight }: TokenSequence, key?: Key) => {
    const rows = tree.leaves(state)[0]!.shape[0]!;
    assertShape("the tokens", tokens, [rows, null], "a row for each latent");
    assertShape("the weights of tokens", weight, tokens.shape, "one for each token");
    const run = layer.run(params.recurrent, embedded(params, tokens, key), { state, ...(offset && { offset }) });
    const flat = tf.reshape(run.output, [tokens.size, hidden]);
    return key === undefined ? flat : dropout(flat, rates.output, random.fold(key, 2));
  };

  const flattened = (tokens: tf.Tensor): tf.Tensor => tf.reshape(tf.cast(tokens, "int32"), [tokens.size]);
  const scores = ({ weight, bias }: AffineParams, h: tf.Tensor): tf.Tensor =>
    tf.add(tf.matMul(h, weight, false, true), bias);

  /** Symbols one after another, `[rows, maxLength]`, with weights up to the end of each row. */
  const written = ({ params, state, offset }: DecodedSequence, sample?: { readonly key: Key }): TokenSequence => {
    const rows = tree.leaves(state)[0]!.shape[0]!;
    const scorer = scorerOf(params);
    const { words: tokens, lengths } = decode({
      next(before, last) {
        const { output, state: after } = layer.step(params.recurrent, words.apply(params.words, last), before, offset);
        return { logits: scores(scorer, output), state: after };
      },
      state,
      rows,
      start: boundary,
      end: boundary,
      maxLength,
      ...(sample && { sample }),
    });
    const places = tf.reshape(tf.range(0, maxLength), [1, maxLength]);
    const within = tf.lessEqual(places, tf.reshape(tf.cast(lengths, "float32"), [rows, 1]));
    return { tokens, weight: tf.cast(within, "float32") };
  };

  const { show } = categorical(vocabulary && { vocabulary });
  return {
    generator,
    observation: {
      discrete: true,
      logDensity(y, x, learning?: Learning) {
        const found = logSoftmaxAt(scorerOf(y.params), outputs(y, x, learning?.key), flattened(x.tokens));
        return tf.sum(tf.mul(tf.reshape(found, x.tokens.shape), x.weight), 1);
      },
      decode: (y) => written(y),
      sample: (y, key) => written(y, { key }),
      error(y, x) {
        const likeliest = tf.argMax(scores(scorerOf(y.params), outputs(y, x)), 1);
        const wrong = tf.cast(tf.notEqual(likeliest, flattened(x.tokens)), "float32");
        const counted = tf.mul(tf.reshape(wrong, x.tokens.shape), x.weight);
        return tf.div(tf.sum(counted, 1), tf.maximum(tf.sum(x.weight, 1), 1));
      },
      ...(show && { show }),
    },
  };
}
