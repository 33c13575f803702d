/**
 * Elementwise kernels on images that are already blocked. They work in any layout, so nothing is
 * converted.
 *
 * - Channels that fill up the last block hold zeros and should continue to. `zeroFilled` restores
 *   the zeros that infinities turned into NaN.
 * - With such channels, only kernels that keep zeros are lowered here.
 * - Integers are not lowered here, because layouts are converted as floats.
 */
import type { Value } from "../../graph.js";
import { kernelCall } from "../../kernel-call.js";
import type { LoweringTable } from "../lowering.js";
import { channelwise } from "./channelwise.js";
import { blockedChannels, blockedShape, declaredShape, paddedTo, type ImageShape } from "./layout.js";
import type { BlockedCall, BlockedLowering } from "./lowering.js";

const ANY =
  "Add AddN Sub Multiply RealDiv Maximum Minimum SquaredDifference Pow Select LeakyReluGrad ReluGrad Equal NotEqual Greater GreaterEqual Less " +
  "LessEqual LogicalAnd LogicalOr LogicalNot Abs Cos Cosh Elu Erf Exp Expm1 LeakyRelu Log Log1p Neg Reciprocal Relu Relu6 Rsqrt Selu " +
  "Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh ClipByValue Cast EluGrad IsNan IsInf IsFinite";

/**
 * Kernels that give zero where all their operands are zero. Comparisons feed `Select`, whose two
 * branches are zero there.
 */
const KEEP_ZERO =
  "Add AddN Sub Multiply Maximum Minimum SquaredDifference Select LeakyReluGrad ReluGrad Greater GreaterEqual Less LessEqual Abs Elu Erf Expm1 " +
  "LeakyRelu Log1p Neg Relu Relu6 Selu Sign Sin Sinh Sqrt Square Tan Tanh EluGrad";

const setOf = (names: string): ReadonlySet<string> => new Set(names.split(" "));
const any = setOf(ANY);
const keepZero = setOf(KEEP_ZERO);
/** Kernels that keep zeros beside an operand without channels, such as a scalar. */
const keepZeroBesideScalars = setOf("Multiply Greater GreaterEqual Less LessEqual LeakyReluGrad");

const rankFour = (shape: readonly number[]): number[] => [...Array(4 - shape.length).fill(1), ...shape] as number[];

type Operand =
  | { readonly kind: "image" }
  /** One number. */
  | { readonly kind: "scalar" }
  | { readonly kind: "channels" | "pixels"; readonly shape: ImageShape };

/**
 * The relation of an operand to the result. Undefined if the operand broadcasts along blocked
 * channels in another way.
 */
function operandOf({ shape }: Value, output: Value): Operand | undefined {
  if (shape.length > 4) return undefined;
  const [n, h, w, c] = rankFour(shape) as unknown as ImageShape;
  if ([n, h, w, c].every((size, i) => size === output.shape[i])) return { kind: "image" };
  if (n * h * w * c === 1) return { kind: "scalar" };
  if (c === 1) return { kind: "pixels", shape: [n, h, w, c] };
  return h === 1 && w === 1 ? { kind: "channels", shape: [n, h, w, c] } : undefined;
}

/** The operand in a shape that broadcasts to [n, C/B, h, w, B]. */
function broadcastName({ builder, block, values }: BlockedCall, id: number, operand: Operand, output: Value): string {
  if (operand.kind === "image") {
    return builder.reshape(values.in("blocked", id), blockedShape(block, output.shape as unknown as ImageShape));
  }
  const x = values.in("plain", id);
  if (operand.kind === "scalar") return builder.reshape(x, [1]);
  const [n, h, w] = operand.shape;
  if (operand.kind === "pixels") return builder.reshape(x, [n, 1, h, w, 1]);
  return blockedChannels({ builder, block }, x, operand.shape);
}

/** An image and one number for each channel. */
function onChannels(call: BlockedCall, ids: readonly number[], operands: readonly Operand[]): string | undefined {
  const at = operands.findIndex(({ kind }) => kind === "image");
  const [image, channels] = [operands[at], operands[1 - at]];
  if (operands.length !== 2 || image === undefined || channels?.kind !== "channels") return undefined;
  return channelwise(call, ids[at]!, { id: ids[1 - at]!, shape: channels.shape });
}

/** Whether less than half of the blocked memory holds channels. The plain layout is faster then. */
const isMostlyPadding = (block: number, channels: number): boolean => 2 * channels < paddedTo(block, channels);

/** `lowerings` are the plain lowerings, run with other names and shapes. */
export function blockedElementwise(lowerings: LoweringTable): BlockedLowering {
  return (call) => {
    const { node, values, output, builder, block } = call;
    const ids = node.inputs.map(({ id }) => id);
    if (!any.has(node.kernel) || output.shape.length !== 4) return undefined;
    if (!ids.some((id) => values.layoutOf(id) === "blocked")) return undefined;
    if (isMostlyPadding(block, output.shape[3]!)) return undefined;
    if ([output, ...ids.map((id) => values.spec(id))].some(({ dtype }) => dtype === "int32")) return undefined;
    const operands = ids.map((id) => operandOf(values.spec(id), output));
    if (operands.some((operand) => operand === undefined)) return undefined;
    const known = operands as Operand[];
    if (output.shape[3]! % block !== 0) {
      const scalars = known.some(({ kind }) => kind === "pixels" || kind === "scalar");
      if (!(scalars ? keepZeroBesideScalars : keepZero).has(node.kernel)) return undefined;
    }
    const special = onChannels(call, ids, known);
    if (special !== undefined) return { layout: "blocked", name: special };
    const image = output.shape as unknown as ImageShape;
    // Images and single numbers meet in the declared shape, which broadcasts nothing else.
    const alike = known.every(({ kind }) => kind === "image" || kind === "scalar");
    const shape = alike ? declaredShape(block, image) : blockedShape(block, image);
    const names = ids.map((id, i) =>
      alike && known[i]!.kind === "image" ? values.in("blocked", id) : broadcastName(call, id, known[i]!, output),
    );
    const specs = ids.map((id) => ({ shape, dtype: values.spec(id).dtype }));
    const plain = kernelCall(builder, node, names, specs, { shape, dtype: output.dtype });
    const result = lowerings[node.kernel]!(plain) as string;
    return { layout: "blocked", name: alike ? result : builder.reshape(result, declaredShape(block, image)) };
  };
}
