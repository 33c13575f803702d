/**
 * Joins what the executor can do in one pass. The graph's meaning stays; its kernels may be ones that TensorFlow.js does not have.
 *
 * - `Select(y > 0, d, α d)`, TensorFlow.js' gradient of the leaky unit, with 0 <= α <= 1, becomes `LeakyReluGrad(dy: d, y)`.
 * - With a blocked layout, a convolution takes in the bias, the residual and the activation that follow it.
 */
import { valuesOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { removeDeadCode } from "../passes/index.js";
import { isFusedActivation } from "./blocked/convolutions.js";

/** The numbers of a graph that the rules ask for. */
class Facts {
  readonly values: ReadonlyMap<number, Value>;
  readonly producers = new Map<number, GraphNode>();
  private readonly users = new Map<number, GraphNode[]>();
  private readonly results: ReadonlySet<number>;
  private readonly scalars = new Map<number, number>();

  constructor(graph: Graph) {
    this.values = valuesOf(graph);
    this.results = new Set(graph.outputs);
    for (const { value, data } of graph.constants) if (data.length === 1) this.scalars.set(value.id, data[0]!);
    for (const node of graph.nodes) {
      for (const { id } of node.outputs) this.producers.set(id, node);
      for (const id of new Set(node.inputs.map((input) => input.id))) {
        this.users.set(id, [...(this.users.get(id) ?? []), node]);
      }
    }
  }

  /** The number a constant scalar holds. */
  scalar = (id: number): number | undefined => this.scalars.get(id);
  usersOf = (id: number): readonly GraphNode[] => this.users.get(id) ?? [];
  isResult = (id: number): boolean => this.results.has(id);
}

const input = (node: GraphNode, name: string): number => node.inputs.find((one) => one.name === name)!.id;

function fuseLeakyGradients(graph: Graph): Graph {
  const facts = new Facts(graph);
  const nodes = graph.nodes.map((node): GraphNode => {
    if (node.kernel !== "Select") return node;
    const condition = facts.producers.get(input(node, "condition"));
    const scaled = facts.producers.get(input(node, "e"));
    if (condition?.kernel !== "Greater" || scaled?.kernel !== "Multiply") return node;
    const [dy, y] = [input(node, "t"), input(condition, "a")];
    const factors = scaled.inputs.map(({ id }) => id);
    const alpha = facts.scalar(factors.find((id) => id !== dy) ?? dy);
    const { shape } = node.outputs[0]!;
    const sameShape = [dy, y].every((id) => facts.values.get(id)!.shape.join() === shape.join());
    if (!factors.includes(dy) || alpha === undefined || facts.scalar(input(condition, "b")) !== 0 || !sameShape)
      return node;
    const inputs = [
      { name: "dy", id: dy },
      { name: "y", id: y },
    ];
    return { ...node, kernel: "LeakyReluGrad", inputs, attrs: { alpha } };
  });
  return removeDeadCode({ ...graph, nodes });
}

const positiveSlope = (node: GraphNode): boolean =>
  node.kernel === "Relu" || (node.kernel === "LeakyRelu" && (node.attrs["alpha"] as number) > 0);

/** Whether the user only asks on which side of zero the value is; the activated value is on the same side. */
const asksSign = (facts: Facts, user: GraphNode, id: number): boolean =>
  (user.kernel === "LeakyReluGrad" && input(user, "y") === id && input(user, "dy") !== id) ||
  (user.kernel === "Step" && user.attrs["alpha"] === 0) ||
  (user.kernel === "Greater" && input(user, "a") === id && facts.scalar(input(user, "b")) === 0);

const outputOf = (node: GraphNode): Value => node.outputs[0]!;

/** Those questions are put to the activated value, so that nothing but the activation uses what comes before it. */
function askAfterActivation(graph: Graph): Graph {
  const facts = new Facts(graph);
  const order = new Map(graph.nodes.map((node, i) => [node, i]));
  const activated = new Map<number, GraphNode>();
  for (const node of graph.nodes) if (positiveSlope(node)) activated.set(input(node, "x"), node);
  const nodes = graph.nodes.map((node) => {
    const inputs = node.inputs.map(({ name, id }) => {
      const activation = activated.get(id);
      const later = activation !== undefined && order.get(activation)! < order.get(node)!;
      return { name, id: later && asksSign(facts, node, id) ? outputOf(activation).id : id };
    });
    return { ...node, inputs };
  });
  return { ...graph, nodes };
}

/** A transposed convolution with few channels, pixels that no tap reaches, or dilations does not end in blocked operators alone. */
function canFinish(node: GraphNode, block: number, facts: Facts): boolean {
  if (node.attrs["dataFormat"] === "NCHW") return false;
  if (node.kernel === "Conv2D") return true;
  if (node.kernel !== "Conv2DBackpropInput") return false;
  const [rows, columns, channels] = facts.values.get(input(node, "filter"))!.shape as [number, number, number];
  const [down, right] = [node.attrs["strides"]].flat(2) as [number, number | undefined];
  const dilated = [node.attrs["dilations"] ?? 1].flat().some((dilation) => dilation !== 1);
  return channels >= block && rows >= down && columns >= (right ?? down) && !dilated;
}

function fuseConvolutions(graph: Graph, block: number): Graph {
  const facts = new Facts(graph);
  const absorbed = new Set<GraphNode>();
  const fused = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    if (absorbed.has(node) || !canFinish(node, block, facts)) continue;
    const { shape } = outputOf(node);
    const extra: { name: string; id: number }[] = [];
    const attrs: Record<string, unknown> = { ...node.attrs };
    let last = node;
    const take = (next: GraphNode): void => {
      absorbed.add(last);
      last = next;
    };
    for (;;) {
      const { id } = outputOf(last);
      const users = facts.usersOf(id);
      const next = users[0];
      if (users.length !== 1 || next?.kernel !== "Add" || facts.isResult(id)) break;
      // Of two convolutions that are added to one another, only the first takes the sum in.
      if (absorbed.has(next) || fused.has(next)) break;
      const other = next.inputs.map((one) => one.id).find((one) => one !== id);
      if (other === undefined || outputOf(next).shape.join() !== shape.join()) break;
      const sizes = facts.values.get(other)!.shape;
      const isBias = sizes.at(-1) === shape[3] && sizes.slice(0, -1).every((size) => size === 1) && sizes.length <= 4;
      const name = isBias ? "bias" : sizes.join() === shape.join() ? "sum" : undefined;
      if (name === undefined || extra.some((one) => one.name === name)) break;
      extra.push({ name, id: other });
      take(next);
    }
    const { id } = outputOf(last);
    const [activation, ...others] = facts.usersOf(id);
    if (
      activation !== undefined &&
      others.length === 0 &&
      isFusedActivation(activation.kernel) &&
      !facts.isResult(id)
    ) {
      attrs["activation"] = activation.kernel;
      if (activation.kernel === "LeakyRelu") attrs["alpha"] = activation.attrs["alpha"];
      take(activation);
    }
    if (last === node) continue;
    fused.set(last, { ...node, inputs: [...node.inputs, ...extra], attrs, outputs: last.outputs });
  }
  const nodes = graph.nodes.filter((node) => !absorbed.has(node)).map((node) => fused.get(node) ?? node);
  return { ...graph, nodes };
}

/** `block` is undefined where the layout of ONNX Runtime's fast convolutions is not to be used. */
export function fuse(graph: Graph, block: number | undefined): Graph {
  const fused = askAfterActivation(fuseLeakyGradients(graph));
  return block === undefined ? fused : fuseConvolutions(fused, block);
}
