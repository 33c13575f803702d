/** Operators of a model, as `onnx.proto` has them: those that it needs, and the names of results. */

export interface OnnxNode {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attribute?: readonly object[];
}

export type Operators = readonly OnnxNode[];

/** An attribute that is a graph: a branch or the step of a loop. */
interface GraphAttribute {
  readonly g: { readonly node: Operators; readonly output: readonly { readonly name: string }[] };
}

const isGraph = (attribute: object): attribute is GraphAttribute => "g" in attribute;

/** The node with `change` applied to the operators of its branches and steps. */
function withInside(node: OnnxNode, change: (graph: GraphAttribute["g"]) => GraphAttribute["g"]): OnnxNode {
  if (!node.attribute?.some(isGraph)) return node;
  return { ...node, attribute: node.attribute.map((one) => (isGraph(one) ? { ...one, g: change(one.g) } : one)) };
}

/** The operators that results need, and the names of all that they read. */
export function needed(nodes: Operators, results: Iterable<string>): { nodes: Operators; used: ReadonlySet<string> } {
  const used = new Set(results);
  return { nodes: neededBy(nodes, used), used };
}

/** The operators that `used` needs. What they read is added to it. */
function neededBy(nodes: Operators, used: Set<string>): Operators {
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.output.some((name) => used.has(name))) continue;
    for (const name of node.input) used.add(name);
    kept.push(
      withInside(node, (graph) => {
        for (const { name } of graph.output) used.add(name);
        return { ...graph, node: neededBy(graph.node, used) };
      }),
    );
  }
  return kept.reverse();
}

/**
 * The operators with results named by `sources`, from new names to old ones. A result that no
 * operator makes, or that has several new names, is copied.
 */
export function named(nodes: Operators, sources: ReadonlyMap<string, string>): Operators {
  const made = new Set(nodes.flatMap(({ output }) => output));
  const names = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const [name, source] of sources) {
    if (made.has(source) && !names.has(source)) names.set(source, name);
    else copies.push({ opType: "Identity", input: [names.get(source) ?? source], output: [name] });
  }
  const renamed = (name: string): string => names.get(name) ?? name;
  const rename = (given: Operators): Operators =>
    given.map((node) => ({
      ...withInside(node, (graph) => ({ ...graph, node: rename(graph.node) })),
      input: node.input.map(renamed),
      output: node.output.map(renamed),
    }));
  return [...rename(nodes), ...copies];
}
