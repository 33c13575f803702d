/**
 * The shape of recurrent layers. They are unrolled over time, so a compiled program holds every
 * step.
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
  /** Initialiser of all tensors. Default: uniform in ±1/√hidden, as in PyTorch. */
  readonly init?: Initializer;
}

export interface RunOptions<S> {
  /** The state to continue from. Default: the initial state. */
  readonly state?: S;
  /**
   * Number of valid steps of each row, `[batch]`, at least 0. A number beyond the last step means
   * all steps.
   */
  readonly lengths?: tf.Tensor;
  /**
   * The valid steps of each row, `[batch, time]`, as booleans or as 0 and 1. An alternative to
   * `lengths`.
   */
  readonly mask?: tf.Tensor;
  /**
   * Added to the gates at every step, `[batch, gates · hidden]`: the affine map of an input that is
   * the same at all steps.
   */
  readonly offset?: tf.Tensor;
}

export interface Recurred<S> {
  readonly output: tf.Tensor;
  readonly state: S;
}

/**
 * A layer from sequences `[batch, time, in]` to `[batch, time, hidden]`. It can take single steps
 * and continue from a state.
 *
 * @typeParam S the state, a tree of tensors with a row for each sequence.
 */
export interface Recurrent<P extends TensorTree, S extends TensorTree> extends Layer<P> {
  /** The initial state of `batch` sequences: zeros. */
  initialState(batch: number): S;
  /**
   * One step: input `[batch, in]`, output `[batch, hidden]`, and the state after it. `offset` is
   * that of {@link RunOptions}.
   */
  step(params: P, input: tf.Tensor, state: S, offset?: tf.Tensor): Recurred<S>;
  /**
   * All outputs and the last state.
   *
   * At steps that are not valid, the output is zero and the state is kept. The last state of a
   * shorter sequence is thus the state at its end.
   */
  run(params: P, input: tf.Tensor, options?: RunOptions<S>): Recurred<S>;
}

/**
 * One step in two parts. The part that depends on inputs alone is computed for all steps at once.
 */
export interface Cell<P extends TensorTree, S extends TensorTree> {
  readonly name: string;
  init(key: Key): P;
  initialState(batch: number): S;
  /** The part that depends on inputs `[rows, in]` alone. */
  drive(params: P, inputs: tf.Tensor): tf.Tensor;
  /** The state after a step, from the result `[batch, ...]` of `drive` for this step. */
  advance(params: P, driven: tf.Tensor, state: S): S;
  /** The output at a state, `[batch, hidden]`. */
  output(state: S): tf.Tensor;
}

/**
 * Checks the options. Returns a function that makes the parameter of a shape, for `gates` gates of
 * `hidden` features each.
 */
export function recurrentInit({ in: features, hidden, init = uniformFanIn }: RecurrentOptions, gates: number) {
  assertPositiveInteger({ in: features, hidden });
  return (key: Key, index: number, ...shape: number[]): tf.Tensor =>
    init(random.fold(key, index), { shape, fanIn: hidden, fanOut: gates * hidden });
}

/** The valid steps as booleans `[batch, time]`, or undefined where all are valid. */
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

/** Rows of `yes` where `counts` `[batch, 1]` is true, and rows of `no` elsewhere. */
const chosen = (counts: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor =>
  tf.where(tf.broadcastTo(counts, yes.shape), yes, no);

/** The layer with the steps of `cell`. */
export function recurrent<P extends TensorTree, S extends TensorTree>(
  cell: Cell<P, S>,
  features: number,
): Recurrent<P, S> {
  const { name, init, initialState, drive, advance, output } = cell;
  /**
   * The parts of inputs of `time` steps, with the offset added to each: `time` of `[batch, gates]`.
   */
  const drivenBy = (params: P, inputs: tf.Tensor, [batch, time]: readonly [number, number], offset?: tf.Tensor) => {
    let driven = drive(params, inputs);
    const gates = driven.shape[1]!;
    if (offset !== undefined) {
      assertShape(`the offset of ${name}`, offset, [batch, gates], "one number per sequence and gate");
      driven = tf.add(tf.reshape(driven, [batch, time, gates]), tf.reshape(offset, [batch, 1, gates]));
    }
    return tf.split(tf.reshape(driven, [batch, time * gates]), time, 1);
  };
  const layer: Pick<Recurrent<P, S>, "run" | "step"> = {
    step(params, input, state, offset) {
      assertShape(`the input of a step of ${name}`, input, [null, features], "a step takes [batch, features]");
      const [driven] = drivenBy(params, input, [input.shape[0]!, 1], offset);
      const next = advance(params, driven!, state);
      return { output: output(next), state: next };
    },
    run(params, input, options = {}) {
      assertShape(`the input of ${name}`, input, [null, null, features], "sequences are [batch, time, features]");
      const [batch, time] = input.shape as [number, number, number];
      if (time === 0) fail(`the input of ${name} has no steps`, "at least one");
      const mask = maskOf(name, [batch, time], options);
      const driven = drivenBy(params, tf.reshape(input, [batch * time, features]), [batch, time], options.offset);
      let state = options.state ?? initialState(batch);
      const outputs = driven.map((part, t) => {
        const next = advance(params, part, state);
        if (mask === undefined) {
          state = next;
          return output(next);
        }
        const counts = tf.slice(mask, [0, t], [batch, 1]);
        state = tree.zip((yes, no) => chosen(counts, yes, no), next as TensorTree, state) as S;
        return chosen(counts, output(next), tf.zerosLike(output(next)));
      });
      return { output: tf.reshape(tf.concat(outputs, 1), [batch, time, -1]), state };
    },
  };
  return { init, initialState, ...layer, apply: (params, input) => layer.run(params, input).output };
}
