/**
 * Rules of rows: the rows of a kernel's results, from those of its inputs.
 *
 * A rule is undefined where a row of a result depends on several rows, or where an input differs
 * from row to row and has no rows.
 */
import { util } from "@tensorflow/tfjs-core";
import { sizeOf, type GraphNode } from "../graph.js";
import { same, type Rows } from "./rows.js";

/** An input of a kernel. Without rows it is the same for all of them. */
export interface Operand {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rows: Rows | undefined;
  /** Whether it holds indices that begin with the number of their own line. */
  readonly isNumbered: boolean;
}

export type RowRule = (operands: readonly Operand[], node: GraphNode, count: number) => Rows | undefined;

/** The rows that all agree on, or undefined. */
const common = (all: readonly Rows[]): Rows | undefined =>
  all.every((one) => same(one, all[0]!)) ? all[0] : undefined;

/** Entry by entry, with broadcasting. */
const entrywise: RowRule = (operands, { outputs }) => {
  const rank = outputs[0]!.shape.length;
  const aligned = operands.map(({ shape, rows }) => rows && { ...rows, axis: rows.axis + rank - shape.length });
  const rows = common(aligned.filter((one) => one !== undefined));
  const sizeAlong = (shape: readonly number[]): number => shape[rows!.axis - (rank - shape.length)] ?? 1;
  return rows && operands.every((one) => one.rows !== undefined || sizeAlong(one.shape) === 1) ? rows : undefined;
};

/** TensorFlow.js aligns a condition of lower rank with the first axes. */
const selected: RowRule = (operands, node, count) =>
  operands.every(({ shape }) => shape.length === node.outputs[0]!.shape.length)
    ? entrywise(operands, node, count)
    : undefined;

/** A tensor whose entries keep their order. */
const reshaped: RowRule = ([x], { outputs }, count) => {
  const { axis } = x!.rows!;
  const before = sizeOf(x!.shape.slice(0, axis));
  let product = 1;
  for (const [i, size] of outputs[0]!.shape.entries()) {
    if (product === before && size > 0 && size % count === 0) return { axis: i, per: size / count };
    product *= size;
  }
  return undefined;
};

const axesOf = (node: GraphNode, attribute: string, { shape }: Operand): number[] =>
  util.parseAxisParam((node.attrs[attribute] ?? null) as number[], [...shape]);

const reduced =
  (attribute: string): RowRule =>
  ([x], node) => {
    const axes = axesOf(node, attribute, x!);
    const { axis, per } = x!.rows!;
    if (axes.includes(axis)) return undefined;
    const gone = node.outputs[0]!.shape.length < x!.shape.length ? axes.filter((one) => one < axis).length : 0;
    return { axis: axis - gone, per };
  };

/** Each line along an axis on its own. */
const alongAxis =
  (attribute: string): RowRule =>
  ([x], node) =>
    axesOf(node, attribute, x!).includes(x!.rows!.axis) ? undefined : x!.rows;

const product: RowRule = (operands, { attrs, outputs }) => {
  const [a, b] = operands as readonly [Operand, Operand];
  const rank = outputs[0]!.shape.length;
  const inBatch = ({ rows, shape }: Operand): boolean => rows === undefined || rows.axis < shape.length - 2;
  if (inBatch(a) && inBatch(b)) return entrywise(operands, { outputs } as GraphNode, 0);
  const outside = ({ shape, rows }: Operand, inner: 1 | 2): boolean => rows?.axis === shape.length - (3 - inner);
  if (b.rows === undefined && outside(a, attrs["transposeA"] === true ? 2 : 1)) return { ...a.rows!, axis: rank - 2 };
  if (a.rows === undefined && outside(b, attrs["transposeB"] === true ? 1 : 2)) return { ...b.rows!, axis: rank - 1 };
  return undefined;
};

const concatenated: RowRule = (operands, node) => {
  const rows = common(operands.flatMap((one) => one.rows ?? []));
  const [axis] = axesOf(node, "axis", operands[0]!);
  return operands.every((one) => one.rows !== undefined) && rows?.axis !== axis ? rows : undefined;
};

const stacked: RowRule = (operands, { attrs, outputs }) => {
  const rows = common(operands.flatMap((one) => one.rows ?? []));
  if (rows === undefined || operands.some((one) => one.rows === undefined)) return undefined;
  const axis = attrs["axis"] as number;
  const place = axis < 0 ? axis + outputs[0]!.shape.length : axis;
  return { ...rows, axis: rows.axis + (place <= rows.axis ? 1 : 0) };
};

const unstacked: RowRule = ([x], node) => {
  const [axis] = axesOf(node, "axis", x!) as [number];
  const { rows } = x!;
  return rows!.axis === axis ? undefined : { ...rows!, axis: rows!.axis - (axis < rows!.axis ? 1 : 0) };
};

/** Whole rows: the result is as long as the tensor along their axis. */
const whole: RowRule = ([x], { outputs }) =>
  outputs.every(({ shape }) => shape[x!.rows!.axis] === x!.shape[x!.rows!.axis]) ? x!.rows : undefined;

const gathered: RowRule = (operands, { attrs }) => {
  const [x, indices] = ["x", "indices"].map((name) => operands.find((one) => one.name === name)!) as [Operand, Operand];
  if (Number(attrs["batchDims"] ?? 0) !== 0) return undefined;
  const [axis] = util.parseAxisParam((attrs["axis"] ?? 0) as number, [...x.shape]) as [number];
  if (x.rows === undefined) return { ...indices.rows!, axis: axis + indices.rows!.axis };
  if (indices.rows !== undefined || x.rows.axis === axis) return undefined;
  return { ...x.rows, axis: x.rows.axis + (x.rows.axis > axis ? indices.shape.length - 1 : 0) };
};

/** Reads or writes at one place of each line. */
const atPlaces: RowRule = (operands) => {
  const rows = common(operands.flatMap((one) => one.rows ?? []));
  const all = operands.every((one) => one.rows !== undefined) && operands.some((one) => one.isNumbered);
  return all && rows?.axis === 0 ? rows : undefined;
};

const transposed: RowRule = ([x], { attrs }) => ({
  ...x!.rows!,
  axis: (attrs["perm"] as number[]).indexOf(x!.rows!.axis),
});

const each = (names: string, rule: RowRule): Record<string, RowRule> =>
  Object.fromEntries(names.split(" ").map((name) => [name, rule]));

export const rowRules: Readonly<Record<string, RowRule>> = {
  ...each(
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Expm1 Floor Log Log1p Neg Reciprocal Relu Relu6 Round " +
      "Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh ClipByValue Exp LeakyRelu Prelu EluGrad " +
      "Add Sub Multiply RealDiv Maximum Minimum Mod Pow SquaredDifference Atan2 BitwiseAnd FloorDiv AddN Equal NotEqual " +
      "Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr LogicalNot IsFinite IsInf IsNan Cast",
    entrywise,
  ),
  Select: selected,
  ...each("Reshape ExpandDims", reshaped),
  ...each("Sum Prod Mean Min All Any ArgMax ArgMin", reduced("axis")),
  Max: reduced("reductionIndices"),
  ...each("Cumsum Cumprod", alongAxis("axis")),
  Softmax: ([logits]) => (logits!.rows!.axis === logits!.shape.length - 1 ? undefined : logits!.rows),
  Reverse: alongAxis("dims"),
  BatchMatMul: product,
  Concat: concatenated,
  Pack: stacked,
  Unpack: unstacked,
  ...each("SplitV Slice PadV2 MirrorPad", whole),
  Tile: ([x], { attrs }) => ((attrs["reps"] as number[])[x!.rows!.axis] === 1 ? x!.rows : undefined),
  OneHot: ([indices]) => indices!.rows,
  GatherV2: gathered,
  ...each("GatherNd TensorScatterUpdate", atPlaces),
  Transpose: transposed,
};

/** Entries of float32 in the longest vectors of processors. */
const LONGEST_VECTOR = 16;

/**
 * Kernels whose entries are moved, rounded once, or products in one order. Processors compute other
 * functions by vectors and the last few entries in another way, or sum in an order that depends on
 * addresses.
 */
const exact: ReadonlySet<string> = new Set(
  (
    "Abs Neg Relu Relu6 Ceil Floor Round Sign Square Step ClipByValue LeakyRelu Prelu Add Sub Multiply RealDiv " +
    "Maximum Minimum SquaredDifference AddN Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr " +
    "LogicalNot Cast Select Reshape ExpandDims BatchMatMul Concat Pack Unpack SplitV Slice Transpose"
  ).split(" "),
);

/** Rows of these nodes have the same bits in parts that begin at multiples of this. */
export const stepOf = (nodes: readonly GraphNode[]): number =>
  nodes.every(({ kernel }) => exact.has(kernel)) ? 1 : LONGEST_VECTOR;
