/**
 * Common subexpression elimination: merges equal draws, equal constants, and equal kernels on equal
 * inputs.
 */
import { specOf, type Constant, type GraphInput, type GraphNode } from "../graph.js";
import { fillOf, hashOf, sameBits } from "./constants.js";
import { exactText } from "./exact-text.js";
import type { Equals } from "./rewrite.js";

const keyOf = ({ kernel, inputs, attrs }: GraphNode): string => {
  let key = kernel;
  for (const { name, id } of inputs) key += ` ${name}=${id}`;
  return key + exactText(attrs);
};

/** Finds what is equal to what it has seen before. */
export class SeenBefore implements Equals {
  private readonly values = new Map<string, readonly number[]>();
  private readonly constants = new Map<string, Constant[]>();

  private first(key: string, ids: readonly number[]): readonly number[] | undefined {
    const known = this.values.get(key);
    if (known === undefined) this.values.set(key, ids);
    return known;
  }

  input({ value, source }: GraphInput): number | undefined {
    return this.first(exactText(source), [value.id])?.[0];
  }

  constant(constant: Constant): number | undefined {
    const { value, data } = constant;
    const fill = fillOf(data);
    if (fill !== undefined) return this.first(`${specOf(value)} of ${exactText(fill)}`, [value.id])?.[0];
    const key = `${specOf(value)}:${hashOf(data)}`;
    const alike = this.constants.get(key);
    const known = alike?.find((candidate) => sameBits(candidate.data, data));
    if (alike === undefined) this.constants.set(key, [constant]);
    else if (known === undefined) alike.push(constant);
    return known?.value.id;
  }

  node(node: GraphNode): readonly number[] | undefined {
    return this.first(
      keyOf(node),
      node.outputs.map(({ id }) => id),
    );
  }
}
