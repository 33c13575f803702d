/** Facts about a graph that fusions need. */
import { readsOf, valuesOf, type Graph, type GraphNode, type TypedArray, type Value } from "../graph.js";

export class Facts {
  readonly values: ReadonlyMap<number, Value>;
  private readonly writers = new Map<number, GraphNode>();
  private readonly constants: ReadonlyMap<number, TypedArray>;
  private readonly users = new Map<number, GraphNode[]>();
  private readonly reads: ReadonlyMap<number, number>;
  private readonly results: ReadonlySet<number>;

  constructor(graph: Graph) {
    this.values = valuesOf(graph);
    this.constants = new Map(graph.constants.map(({ value, data }) => [value.id, data]));
    this.reads = readsOf(graph);
    this.results = new Set(graph.outputs);
    for (const node of graph.nodes) {
      for (const { id } of node.outputs) this.writers.set(id, node);
      for (const id of new Set(node.inputs.map((input) => input.id))) {
        const users = this.users.get(id);
        if (users === undefined) this.users.set(id, [node]);
        else users.push(node);
      }
    }
  }

  shapeOf = (id: number): readonly number[] => this.values.get(id)!.shape;
  writer = (id: number): GraphNode | undefined => this.writers.get(id);
  /** The numbers of a constant. */
  constant = (id: number): TypedArray | undefined => this.constants.get(id);
  usersOf = (id: number): readonly GraphNode[] => this.users.get(id) ?? [];
  isResult = (id: number): boolean => this.results.has(id);

  /** The node that writes a value for one reader alone. */
  ownWriter(id: number): GraphNode | undefined {
    return this.reads.get(id) === 1 ? this.writers.get(id) : undefined;
  }
}
