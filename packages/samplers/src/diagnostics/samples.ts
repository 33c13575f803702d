/** Recorded draws of any structure, read as a sequence of named numbers. */
import * as tf from "@tensorflow/tfjs-core";
import { describeValue, fail, tree } from "@ergodic/tensor";
import { chainsFrom, type Chains } from "./draws.js";

/**
 * Draws of a position: a tensor `[chains, draws, ...event]`, an array `[chain][draw]` of numbers,
 * or an object of these by name.
 */
export type ChainSamples = tf.Tensor | readonly ArrayLike<number>[] | { readonly [name: string]: ChainSamples };

/** One number of the position, through all chains. */
export interface Scalar {
  /**
   * For instance `"x"`, `"theta[3]"`, `"prior.weights[0,2]"`; the position itself is called `x`.
   */
  readonly name: string;
  readonly chains: Chains;
}

const isDraws = (samples: ChainSamples): samples is tf.Tensor | readonly ArrayLike<number>[] =>
  samples instanceof tf.Tensor || Array.isArray(samples);

/** The entries of one tensor, strided copies of its values read once. */
function* entries(name: string, tensor: tf.Tensor): Generator<Scalar> {
  const [chains, draws, ...event] = tensor.shape;
  if (chains === undefined || draws === undefined) {
    fail(`${name} has shape [${tensor.shape.join(",")}]`, "[chains,draws,...]", "stack draws along the second axis");
  }
  const size = event.reduce((product, side) => product * side, 1);
  const values = tensor.dataSync();
  for (let e = 0; e < size; e++) {
    const label = event.length === 0 ? name : `${name}[${indices(e, event).join(",")}]`;
    const read = (c: number): Float64Array => {
      const chain = new Float64Array(draws);
      for (let t = 0; t < draws; t++) chain[t] = values[(c * draws + t) * size + e]!;
      return chain;
    };
    yield {
      name: label,
      chains: chainsFrom(
        Array.from({ length: chains }, (_, c) => read(c)),
        {},
        label,
      ),
    };
  }
}

/** The place of entry e of an array of this shape. */
function indices(e: number, shape: readonly number[]): number[] {
  let rest = e;
  return shape
    .map((_, axis) => shape[shape.length - 1 - axis]!)
    .map((side) => {
      const index = rest % side;
      rest = Math.floor(rest / side);
      return index;
    })
    .reverse();
}

/**
 * Every number of the position with its name, in the order of `tree.leaves`. One is made at a time,
 * so long runs need little memory.
 *
 * @throws ValidationError for tensors without axes for chains and draws, and as {@link chainsFrom}.
 */
export function* scalarsOf(samples: ChainSamples, name = ""): Generator<Scalar> {
  const here = name === "" ? "x" : name;
  if (samples instanceof tf.Tensor) yield* entries(here, samples);
  else if (isDraws(samples)) yield { name: here, chains: chainsFrom(samples, {}, here) };
  else if (typeof samples === "object" && samples !== null && !tree.isLeaf(samples)) {
    for (const child of Object.keys(samples).sort()) {
      yield* scalarsOf(samples[child]!, name === "" ? child : `${name}.${child}`);
    }
  } else {
    fail(`${here} is ${describeValue(samples)}`, "a tensor [chains,draws,...] or an array of chains of numbers");
  }
}
