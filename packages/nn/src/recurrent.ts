/**
 * The one shape of recurrent layers, unrolled over time, so that a compiled program holds every step.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, assertShape, fail, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { uniformFanIn, type Initializer } from "./initializers.js";
import type { Layer } from "./layer.js";

export interface RecurrentOptions {
  /** Features of the input at each step. */
  readonly in: number;
  /** Features of the output at each step. */
  readonly hidden: number;
  /** Of all tensors; default uniform in ±1/√hidden, as in PyTorch. */
  readonly init?: Initializer;
}

export interface RunOptions<S> {
  /** What to go on from; default the initial state. */
  readonly state?: S;
  /** How many steps of each row count, `[batch]`: those before. At least 0; more than there are count as all. */
  readonly lengths?: tf.Tensor;
  /** Which steps of each row count, `[batch, time]`, as booleans or as 0 and 1; instead of `lengths`. */
  readonly mask?: tf.Tensor;
}

export interface Recurred<S> {
  readonly output: tf.Tensor;
  readonly state: S;
}

/**
 * A layer of sequences, `[batch, time, in]` to `[batch, time, hidden]`, that can also take single steps and go on from a state.
 *
 * @typeParam S the state, a tree of tensors with a row for every sequence.
 */
export interface Recurrent<P extends TensorTree, S extends TensorTree> extends Layer<P> {
  /** Zeros for so many sequences. */
  initialState(batch: number): S;
  /** Input `[batch, in]`, output `[batch, hidden]`, and the state after it. */
  step(params: P, input: tf.Tensor, state: S): Recurred<S>;
  /**
   * All outputs and the last state. At steps of a row that do not count, its output is zero and its state stays as it is: after the
   * end of a shorter sequence the state is that of its end.
   */
  run(params: P, input: tf.Tensor, options?: RunOptions<S>): Recurred<S>;
}

/** A law of one step, in two parts: what needs the inputs alone is computed for all steps at once. */
export interface Cell<P extends TensorTree, S extends TensorTree> {
  readonly name: string;
  init(key: Key): P;
  initialState(batch: number): S;
  /** From inputs `[rows, in]`. */
  drive(params: P, inputs: tf.Tensor): tf.Tensor;
  /** From what drives this step, `[batch, ...]`. */
  advance(params: P, driven: tf.Tensor, state: S): S;
  /** `[batch, hidden]`. */
  output(state: S): tf.Tensor;
}

/** Checks the options, and makes the parameters of `gates` gates, each of `hidden` features, by their shapes. */
export function recurrentInit({ in: features, hidden, init = uniformFanIn }: RecurrentOptions, gates: number) {
  assertPositiveInteger({ in: features, hidden });
  return (key: Key, index: number, ...shape: number[]): tf.Tensor =>
    init(random.fold(key, index), { shape, fanIn: hidden, fanOut: gates * hidden });
}

/** Whether each step of each row counts, `[batch, time]` booleans, or nothing where all do. */
function maskOf(name: string, [batch, time]: readonly [number, number], { lengths, mask }: RunOptions<unknown>) {
  if (lengths !== undefined && mask !== undefined) {
    fail(`the run of ${name} was given lengths and a mask`, "one of the two", "a mask can say all that lengths say");
  }
  if (lengths !== undefined) {
    assertShape(`lengths of ${name}`, lengths, [batch], "one number per sequence");
    const places = tf.reshape(tf.range(0, time), [1, time]);
    return tf.less(places, tf.reshape(tf.cast(lengths, "float32"), [batch, 1]));
  }
  if (mask === undefined) return undefined;
  assertShape(`the mask of ${name}`, mask, [batch, time], "one value per sequence and step");
  return tf.greater(tf.cast(mask, "float32"), 0);
}

/** Rows of `yes` where `counts` `[batch, 1]`, and of `no` elsewhere. */
const chosen = (counts: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor =>
  tf.where(tf.broadcastTo(counts, yes.shape), yes, no);

/** The layer whose steps follow the law of `cell`. */
export function recurrent<P extends TensorTree, S extends TensorTree>(
  cell: Cell<P, S>,
  features: number,
): Recurrent<P, S> {
  const { name, init, initialState, drive, advance, output } = cell;
  const layer: Pick<Recurrent<P, S>, "run" | "step"> = {
    step(params, input, state) {
      assertShape(`the input of a step of ${name}`, input, [null, features], "a step takes [batch, features]");
      const next = advance(params, drive(params, input), state);
      return { output: output(next), state: next };
    },
    run(params, input, options = {}) {
      assertShape(`the input of ${name}`, input, [null, null, features], "sequences are [batch, time, features]");
      const [batch, time] = input.shape as [number, number, number];
      if (time === 0) fail(`the input of ${name} has no steps`, "at least one");
      const mask = maskOf(name, [batch, time], options);
      const driven = drive(params, tf.reshape(input, [batch * time, features]));
      let state = options.state ?? initialState(batch);
      const outputs = tf.unstack(tf.reshape(driven, [batch, time, driven.shape[1]!]), 1).map((part, t) => {
        const next = advance(params, part, state);
        if (mask === undefined) {
          state = next;
          return output(next);
        }
        const counts = tf.slice(mask, [0, t], [batch, 1]);
        state = tree.zip((yes, no) => chosen(counts, yes, no), next as TensorTree, state) as S;
        return chosen(counts, output(next), tf.zerosLike(output(next)));
      });
      return { output: tf.stack(outputs, 1), state };
    },
  };
  return { init, initialState, ...layer, apply: (params, input) => layer.run(params, input).output };
}
