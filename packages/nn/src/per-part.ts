/** A different optimiser for each part of the parameters. */
import { fail, trainedPart, tree, type TensorTree, type Trained } from "@ergodic/tensor";
import type { Optimizer } from "./optimizer.js";

/**
 * One optimiser for each part of an object of parameters, by name. Metrics are named `part.metric`.
 *
 * @throws ValidationError when the parameters have other parts than `optimizers`.
 */
export function perPart<S extends Readonly<Record<string, TensorTree>>>(optimizers: {
  readonly [Name in keyof S]: Optimizer<S[Name]>;
}): Optimizer<S> {
  const names = Object.keys(optimizers).sort() as (keyof S & string)[];
  const partsOf = (params: TensorTree): Record<string, TensorTree> => {
    const found = tree.isLeaf(params) || Array.isArray(params) ? [] : Object.keys(params).sort();
    if (found.join() !== names.join()) {
      fail(
        `the parameters have the parts {${found.join(", ")}}`,
        `{${names.join(", ")}}`,
        "name one optimiser for each part",
      );
    }
    return params as Record<string, TensorTree>;
  };
  return {
    init(params) {
      const parts = partsOf(trainedPart(params) as TensorTree);
      return Object.fromEntries(names.map((name) => [name, optimizers[name].init(parts[name]!)])) as unknown as S;
    },
    update<P extends TensorTree>(params: P, grads: NoInfer<P | Trained<P>>, state: S) {
      partsOf(trainedPart(params) as TensorTree);
      const of = params as Record<string, TensorTree>;
      const by = partsOf(trainedPart(grads as P) as TensorTree);
      const moved = names.map((name) => [name, optimizers[name].update(of[name]!, by[name]!, state[name])] as const);
      return {
        params: { ...of, ...Object.fromEntries(moved.map(([name, next]) => [name, next.params])) } as unknown as P,
        state: Object.fromEntries(moved.map(([name, next]) => [name, next.state])) as unknown as S,
      };
    },
    metrics: (state) =>
      Object.fromEntries(
        names.flatMap((name) =>
          Object.entries(optimizers[name].metrics?.(state[name]) ?? {}).map(([metric, value]) => [
            `${name}.${metric}`,
            value,
          ]),
        ),
      ),
  };
}
