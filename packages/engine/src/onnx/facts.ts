/** Facts about a graph that fusions need. */
import {
  ById,
  readsOf,
  valuesOf,
  writersOf,
  type Graph,
  type GraphNode,
  type TypedArray,
  type Value,
} from "../graph.js";

function usersOf({ nodes }: Graph): ById<GraphNode[]> {
  const users = new ById<GraphNode[]>();
  for (const node of nodes) {
    for (const { id } of node.inputs) {
      const known = users.get(id);
      if (known === undefined) users.set(id, [node]);
      else if (known.at(-1) !== node) known.push(node);
    }
  }
  return users;
}

class Facts {
  readonly values: ById<Value>;
  /** The node that writes a value. */
  readonly writer: (id: number) => GraphNode | undefined;
  private readonly constants: ReadonlyMap<number, TypedArray>;
  private readonly reads: ById<number>;
  private readonly results: ReadonlySet<number>;
  private users: ById<GraphNode[]> | undefined;

  constructor(private readonly graph: Graph) {
    this.values = valuesOf(graph);
    this.writer = writersOf(graph.nodes).get;
    this.constants = new Map(graph.constants.map(({ value, data }) => [value.id, data]));
    this.reads = readsOf(graph);
    this.results = new Set(graph.outputs);
  }

  shapeOf = (id: number): readonly number[] => this.values.get(id)!.shape;
  /** The numbers of a constant. */
  constant = (id: number): TypedArray | undefined => this.constants.get(id);
  /** The nodes that read a value, each once. */
  usersOf = (id: number): readonly GraphNode[] => (this.users ??= usersOf(this.graph)).get(id) ?? [];
  isResult = (id: number): boolean => this.results.has(id);

  /** The node that writes a value for one reader alone. */
  ownWriter(id: number): GraphNode | undefined {
    return this.reads.get(id) === 1 ? this.writer(id) : undefined;
  }
}

export type { Facts };

const known = new WeakMap<Graph, Facts>();

/** The facts about a graph. Graphs never change, so they are collected once. */
export function factsOf(graph: Graph): Facts {
  const facts = known.get(graph) ?? new Facts(graph);
  known.set(graph, facts);
  return facts;
}
