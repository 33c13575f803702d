/**
 * Loops over the entries of values, which grow while they can: neighbours of one size share a loop,
 * and are stored only where something outside the loop reads them.
 */
import { sizeOf, type Graph, type GraphNode } from "../graph.js";
import { Places, renaming } from "./places.js";
import type { Rounding } from "./rounding.js";
import { forEach, type Source } from "./source.js";

/** A loop that still grows. */
export interface Loop {
  readonly size: number;
  readonly before: string[];
  readonly body: string[];
  readonly after: string[];
  /** Locals of the body by the value they hold. */
  readonly locals: Map<number, string>;
  /** Results of reductions, known only after the loop. */
  readonly pending: Set<number>;
  readonly nodes: Set<GraphNode>;
  operations: number;
}

const emptyLoop = (size: number): Loop => ({
  ...{ size, before: [], body: [], after: [], operations: 0 },
  locals: new Map(),
  pending: new Set(),
  nodes: new Set(),
});

export class Loops {
  readonly places: Places;
  private readonly consumers = new Map<number, GraphNode[]>();
  private readonly kept: ReadonlySet<number>;
  private loop: Loop | undefined;

  constructor(
    graph: Graph,
    private readonly source: Source,
    rounding: Rounding,
  ) {
    this.places = new Places(graph, source, rounding, (root) => {
      if (this.isGrowing(root)) this.flush();
    });
    const { places, consumers } = this;
    for (const node of graph.nodes) {
      if (renaming.has(node.kernel)) continue;
      for (const { id } of node.inputs) {
        const root = places.rootOf(id);
        consumers.set(root, [...(consumers.get(root) ?? []), node]);
      }
    }
    this.kept = new Set(graph.outputs.map((id) => places.rootOf(id)));
  }

  /** Whether the loop that grows computes a value. */
  isGrowing(root: number): boolean {
    return this.loop !== undefined && (this.loop.pending.has(root) || this.loop.locals.has(root));
  }

  /** Writes the loop that grew, and stores what others read of it. */
  flush(): void {
    const done = this.loop;
    if (done === undefined) return;
    this.loop = undefined;
    for (const [id, local] of done.locals) {
      const outside = this.kept.has(id) || (this.consumers.get(id) ?? []).some((node) => !done.nodes.has(node));
      if (!outside) continue;
      const buffer = this.places.buffer({ id, shape: this.places.shapeOf(id) });
      done.body.push(`b${buffer}[i] = ${local};`);
    }
    this.source.add([...done.before, ...forEach(done.size, done.body), ...done.after]);
    this.places.operations += done.operations * done.size;
  }

  /**
   * Puts a node into the loop over so many entries in which all of these values can be read.
   *
   * @param cost additions for each entry, about
   * @returns the loop, and the expressions of the values
   */
  joined(node: GraphNode, ids: readonly number[], shape: readonly number[], cost: number) {
    const size = sizeOf(shape);
    if (this.loop !== undefined && this.loop.size !== size) this.flush();
    let inputs = ids.map((id) => this.read(id, shape));
    if (inputs.includes(undefined)) {
      this.flush();
      inputs = ids.map((id) => this.read(id, shape));
    }
    const loop = (this.loop ??= emptyLoop(size));
    loop.nodes.add(node);
    loop.operations += cost;
    return { loop, inputs: inputs as string[] };
  }

  /** The expression of a value in the loop, or nothing where the loop must end before. */
  private read(id: number, shape: readonly number[]): string | undefined {
    const { places, loop } = this;
    const root = places.rootOf(id);
    const own = places.shapeOf(id);
    const same = sizeOf(own) === sizeOf(shape);
    if (loop?.locals.has(root)) return same ? loop.locals.get(root)! : undefined;
    if (loop?.pending.has(root)) return undefined;
    const place = places.settled(id);
    if ("scalar" in place) return place.scalar;
    const stored = places.stored(id);
    return places.entry(same ? stored : places.broadcast(stored, own, shape), "i");
  }
}
