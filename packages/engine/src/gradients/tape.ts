/**
 * Corrects the tape of TensorFlow.js before the backward pass.
 *
 * The tape lists every operation that a gradient may pass through. The backward pass of a gradient
 * inside a differentiated function is recorded on the tape itself, so that it can be
 * differentiated. Three things prevent this:
 *
 * - The copy of an output that a rule saves (tanh saves its result) is listed before the kernel
 *   that makes the output. TensorFlow.js treats it as a constant, and second derivatives are
 *   silently wrong.
 * - The backward pass visits booleans, integers, and functions that are constant almost everywhere.
 *   This needs rules and creates zeros.
 * - Some rules compute with kernels that cannot be differentiated.
 */
import * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "../errors.js";
import { CONSTANT } from "./constant.js";
import { twiceDifferentiable } from "./twice-differentiable.js";

type TapeNode = ReturnType<typeof tf.engine>["state"]["activeTape"][number];

const constantAlmostEverywhere = new Set([
  "Step", "Sign", "Floor", "Ceil", "Round", "ZerosLike", "OnesLike", CONSTANT,
]); // prettier-ignore

const isConstant = ({ kernelName, outputs }: TapeNode): boolean =>
  constantAlmostEverywhere.has(kernelName) || outputs.every(({ dtype }) => dtype === "bool" || dtype === "int32");

const isKernel = ({ kernelName }: TapeNode): boolean => tf.getGradient(kernelName) !== undefined;
/** A copy that TensorFlow.js made for a rule. It has the name of the operation around it. */
const isCopy = (node: TapeNode): boolean => !isKernel(node) && "x" in node.inputs;

/** Moves each node behind the nodes that write its inputs. */
function ordered(tape: readonly TapeNode[]): TapeNode[] {
  const writer = new Map(tape.flatMap(({ outputs }, i) => outputs.map(({ id }) => [id, i] as const)));
  const place = ({ inputs }: TapeNode, i: number): number =>
    Math.max(i, ...Object.values(inputs).map(({ id }) => (writer.get(id) ?? -1) + 0.5));
  return tape
    .map((node, i) => ({ node, at: place(node, i) }))
    .sort((a, b) => a.at - b.at)
    .map(({ node }) => node);
}

const INSTEAD =
  "Write it with other operations, or compute the inner gradient first, outside the function that is differentiated, and pass its result in.";

/** The reason why the gradient of a node cannot be differentiated, if any. */
function obstacle(node: TapeNode, origin: ReadonlyMap<number, number>): string | undefined {
  if (isKernel(node)) {
    if (twiceDifferentiable.has(node.kernelName)) return undefined;
    return `the gradient of the kernel "${node.kernelName}" cannot be differentiated again`;
  }
  const known = new Set([...Object.values(node.inputs), ...node.outputs].map(({ id }) => id));
  if (isCopy(node) || node.saved!.every(({ id }) => known.has(origin.get(id)!))) return undefined;
  return (
    `the custom gradient of "${node.kernelName.replace(/__op$/, "")}" saves tensors other than its inputs and its result, ` +
    "so it cannot be differentiated again"
  );
}

function guard(node: TapeNode, origin: ReadonlyMap<number, number>): void {
  const rule = node.gradient;
  const problem = obstacle(node, origin);
  if (rule === undefined || rule === null) {
    node.gradient = () => {
      throw new EngineError(`the kernel "${node.kernelName}" has no gradient. Write it with other operations.`);
    };
  } else if (problem !== undefined) {
    node.gradient = (dys) => {
      if (tf.engine().state.gradientDepth > 0) throw new EngineError(`${problem}. ${INSTEAD}`);
      return rule(dys);
    };
  }
}

/** The current tape, empty before the first gradient. */
const currentTape = (): readonly TapeNode[] => (tf.engine().state.activeTape as TapeNode[] | null) ?? [];

/**
 * Requires a tape that records.
 *
 * @throws EngineError where the tape records nothing, which would make every gradient zero.
 */
export function assertTapeRuns(): void {
  if (tf.engine().state.kernelDepth === 0) return;
  throw new EngineError(
    "a gradient was asked for inside the forward function of a custom gradient (tf.customGrad), where TensorFlow.js records nothing. " +
      "Compute it before, and pass it in.",
  );
}

/** The current length of the tape. */
export const tapeLength = (): number => currentTape().length;

/** Corrects the tape from `start` on. */
export function mendTape(start: number): void {
  const tape = currentTape();
  const fresh = ordered(tape.slice(start));
  const origin = new Map(fresh.filter(isCopy).map(({ inputs, outputs }) => [outputs[0]!.id, inputs["x"]!.id]));
  for (const node of fresh) {
    if (isConstant(node)) node.inputs = {};
    else guard(node, origin);
  }
  tf.engine().state.activeTape = [...tape.slice(0, start), ...fresh];
}

/** Frees the tensors that a failed gradient left on the tape. */
export function clearTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of currentTape()) tf.dispose(saved ?? []);
  state.activeTape = [];
}
