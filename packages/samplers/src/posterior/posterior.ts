/**
 * Posteriors over parameters with names and limits.
 *
 * The energy is written in the parameters. Kernels move free numbers (see `parameter.ts`), and
 * draws are given back as parameters.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { assertFunction, fail, random, type Key } from "@ergodic/tensor";
import { assertEnergies, chainCount, type RowEnergy } from "../chains.js";
import type { StartLaw } from "../start-law.js";
import type { Parameter, Values } from "./parameter.js";

/** Free numbers by the name of their parameter, each `[chains, ...free]`. */
export type FreeNumbers = Readonly<Record<string, tf.Tensor>>;

export interface PosteriorOptions<P extends Readonly<Record<string, Parameter>>> {
  /** In their order; limits of later ones may depend on earlier ones. */
  readonly parameters: P;
  /**
   * -log p(parameters, data) up to a constant, `[n]`, from values `[n, ...shape]` by name.
   *
   * `chains` are the chains that the rows belong to, for energies with data of each chain.
   */
  readonly energy: (values: { readonly [name in keyof P]: tf.Tensor }, chains: tf.Tensor1D) => tf.Tensor;
}

/** One number of a parameter. */
export interface NamedNumber {
  /** Such as `sigma`, `beta[2]` or `L[1,0]`; indices begin at 0. */
  readonly name: string;
  readonly parameter: string;
  /** The limits of the parameter, in words; empty for none. */
  readonly limits: string;
}

/** What kernels, summaries and files need of a posterior. */
export interface Posterior<P extends Readonly<Record<string, Parameter>> = Readonly<Record<string, Parameter>>> {
  readonly parameters: P;
  /** The energy of free numbers, for kernels: with the log-determinants of the maps. */
  readonly energy: RowEnergy<FreeNumbers>;
  /** A law of starts: free numbers uniform in [-2, 2], as in Stan. */
  readonly start: StartLaw<FreeNumbers>;
  /** The free numbers of a chain. */
  readonly dimension: number;
  /** Every number of the parameters, in the order of {@link Posterior.draws}. */
  readonly numbers: readonly NamedNumber[];
  /**
   * Values of draws. The caller owns them.
   *
   * @param positions free numbers with any axes before their own: `[chains, ...]`,
   *   `[chains, draws, ...]`
   * @returns values with the same axes before theirs, by name
   */
  draws(positions: FreeNumbers): { readonly [name in keyof P]: tf.Tensor };
}

/** Half the width of the box of starts. */
const startWidth = 2;

/** Names of the numbers of a parameter. */
function numbersOf(parameter: string, { shape, limits }: Parameter): NamedNumber[] {
  const count = shape.reduce((product, n) => product * n, 1);
  return Array.from({ length: count }, (_, at) => {
    const index: number[] = [];
    for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    return { name: index.length === 0 ? parameter : `${parameter}[${index.join(",")}]`, parameter, limits };
  });
}

/**
 * The posterior of parameters with names and limits.
 *
 * @throws ValidationError for no parameters, one that is none, or an energy that is no function;
 *   when called, for an energy that is not one number for each row.
 */
export function posterior<P extends Readonly<Record<string, Parameter>>>({
  parameters,
  energy,
}: PosteriorOptions<P>): Posterior<P> {
  assertFunction({ energy });
  const names = Object.keys(parameters);
  if (names.length === 0) fail("a posterior without parameters", "at least one, such as { beta: real([4]) }");
  for (const name of names) {
    if (typeof (parameters[name] as Partial<Parameter> | undefined)?.constrain !== "function")
      fail(`the parameter ${name} is ${typeof parameters[name]}`, "real(), positive(), interval(0, 1) or such");
  }
  const constrained = (free: FreeNumbers): { values: Values; logDeterminants: tf.Tensor1D[] } => {
    const values: Record<string, tf.Tensor> = {};
    const logDeterminants = names.map((name) => {
      const { value, logDeterminant } = parameters[name]!.constrain(free[name]!, values);
      values[name] = value;
      return logDeterminant;
    });
    return { values, logDeterminants };
  };
  const shapeOf = (name: string): readonly number[] => parameters[name]!.free;
  return {
    parameters,
    dimension: names.reduce((sum, name) => sum + shapeOf(name).reduce((product, n) => product * n, 1), 0),
    numbers: [...names].sort().flatMap((name) => numbersOf(name, parameters[name]!)),
    energy(free, chains) {
      const { values, logDeterminants } = constrained(free);
      const own = energy(values as { [name in keyof P]: tf.Tensor }, chains);
      assertEnergies(own, chainCount(free), "posterior({ energy })");
      return tf.sub(own, tf.addN(logDeterminants));
    },
    start(key, n) {
      const keys = random.split(key, names.length);
      const box = { low: -startWidth, high: startWidth };
      return Object.fromEntries(
        names.map((name, i) => [name, random.uniform(keys[i] as Key, [n, ...shapeOf(name)], box)]),
      );
    },
    draws(positions) {
      return tidy(() => {
        const first = positions[names[0]!]!;
        const before = first.shape.slice(0, first.rank - shapeOf(names[0]!).length);
        const rows = Object.fromEntries(
          names.map((name) => [name, tf.reshape(positions[name]!, [-1, ...shapeOf(name)])]),
        );
        const { values } = constrained(rows);
        return Object.fromEntries(
          names.map((name) => [name, tf.reshape(values[name]!, [...before, ...parameters[name]!.shape])]),
        ) as tf.TensorContainer;
      }) as unknown as { readonly [name in keyof P]: tf.Tensor };
    },
  };
}
