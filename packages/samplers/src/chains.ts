/** The number of chains of a position, and energies that give one number for each chain. */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape, fail, scaledLength, tree, ValidationError, type TensorTree } from "@ergodic/tensor";

/**
 * An energy: low where x is likely, p(x) ∝ exp(-E(x)). A pure function from a position with n chains
 * to `[n]`.
 */
export type Energy<X extends TensorTree = tf.Tensor> = (position: X) => tf.Tensor;

/**
 * An energy for kernels whose rows are not the chains in their order, but some of the chains or
 * several rows of each.
 *
 * Row i belongs to chain `chains[i]`, int32 `[rows]`. An energy that keeps something for each
 * chain, such as an observation, finds it by `tf.gather(kept, chains)`. An {@link Energy} that
 * keeps nothing needs no second argument.
 */
export type RowEnergy<X extends TensorTree = tf.Tensor> = (position: X, chains: tf.Tensor1D) => tf.Tensor;

/** The energy of rows that belong to these chains. Default: row i belongs to chain i. */
export const energyOfRows =
  <X extends TensorTree>(energy: RowEnergy<X>, chains?: tf.Tensor1D): Energy<X> =>
  (position) =>
    energy(position, chains ?? tf.range(0, chainCount(position), 1, "int32"));

/**
 * Checks that an energy can evaluate rows that are not the chains in their order.
 *
 * @throws ValidationError when `ask` fails, as for an energy that keeps something for each chain
 *   and ignores which chains its rows are.
 */
export function assertRowEnergy(
  ask: () => tf.Tensor,
  { rows, what, caller }: { readonly rows: number; readonly what: string; readonly caller: string },
): void {
  try {
    assertEnergies(ask(), rows, caller);
  } catch (error) {
    fail(
      `${caller} cannot evaluate ${what} (${error instanceof Error ? error.message : String(error)})`,
      "an energy of any rows",
      "one that keeps something for each chain takes the chains of its rows too: (x, chains) => ... tf.gather(kept, chains)",
    );
  }
}

/**
 * The number of chains of a position.
 *
 * @throws ValidationError when the position has no leaf, a leaf is a scalar or of another type than
 *   float32, leaves disagree in their first axis, there are no chains, or a leaf holds no numbers.
 */
export function chainCount(position: TensorTree): number {
  const shapes = tree.leaves(position).map((leaf) => leaf.shape);
  const chains = shapes[0]?.[0];
  if (chains === undefined || shapes.some((shape) => shape[0] !== chains)) {
    const got = shapes.length === 0 ? "no tensor" : shapes.map((shape) => `[${shape.join(",")}]`).join(", ");
    fail(
      `the position of the chains has shapes ${got}`,
      "tensors with the same first axis, the number of chains",
      "for one chain in d dimensions use the shape [1,d]",
    );
  }
  if (chains === 0) fail("the position has no chains", "at least one", "the first axis numbers the chains");
  const empty = shapes.find((shape) => shape.includes(0));
  if (empty !== undefined)
    fail(`a part of the position has shape [${empty.join(",")}]`, "at least one number for each chain");
  tree.leaves(position).forEach(({ dtype }, i) => {
    if (dtype === "float32") return;
    const name = tree.paths(position)[i];
    fail(
      `the position of the chains${name === "" ? "" : ` (${name})`} is of type ${dtype}`,
      "float32, as chains move by fractions",
      'start from tf.cast(x, "float32")',
    );
  });
  return chains;
}

/**
 * Checks that an energy returned one number per chain.
 *
 * @throws ValidationError that names the caller and says what to do.
 */
export function assertEnergies(energies: tf.Tensor, chains: number, caller: string): asserts energies is tf.Tensor1D {
  if (!(energies instanceof tf.Tensor)) {
    throw new ValidationError(`${caller}: energy returned ${typeof energies}, expected a tensor of shape [${chains}].`);
  }
  const { shape } = energies;
  const remedy =
    shape.length === 2 && shape[1] === 1
      ? "squeeze the last axis: tf.squeeze(y, [1])"
      : "reduce over every axis but the first, for example tf.sum(y, [1])";
  assertShape(`${caller}: energy`, energies, [chains], `one number per example; ${remedy}`);
}

/**
 * Checks that chains can start: every number of a kernel's first state is finite.
 *
 * @throws ValidationError naming the tensor and the first chain, for example an energy that is NaN.
 */
export function assertFiniteState(state: { readonly position: TensorTree; readonly [name: string]: TensorTree }): void {
  const chains = chainCount(state.position);
  const names = tree.paths(state);
  tree.leaves(state).forEach((leaf, i) => {
    const values = leaf.dataSync();
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) return;
    const chain = Math.floor((at * chains) / leaf.size);
    fail(
      `${names[i]} is ${values[at]} where chain ${chain} starts`,
      "a finite number",
      "start where the energy and its gradient are finite",
    );
  });
}

/**
 * The Euclidean length of each chain's part of all leaves, `[chains]`, also where squares leave the
 * range of float32.
 */
export function normPerChain(values: TensorTree): tf.Tensor1D {
  const { scale, length } = scaledLength(values, 1);
  return tf.mul(scale, length);
}
