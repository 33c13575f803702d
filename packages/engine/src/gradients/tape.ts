/**
 * Puts the tape of TensorFlow.js right before it is walked backwards.
 *
 * The tape lists every operation that a gradient may pass through. A gradient inside a differentiated function walks its part of the
 * tape while the tape goes on recording, so that the walk itself can be differentiated. Three things are in the way of that:
 *
 * - The copy of an output that a rule saves (tanh keeps its result) is listed before the kernel that makes the output. TensorFlow.js
 *   takes it for a constant, and second derivatives come out wrong without a word.
 * - Booleans and integers, and functions that are constant almost everywhere, are walked through, which needs rules and makes zeros.
 * - Some rules compute with what cannot be differentiated.
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
/** A copy that TensorFlow.js made for a rule. It bears the name of the operation around it. */
const isCopy = (node: TapeNode): boolean => !isKernel(node) && "x" in node.inputs;

/** What comes before what it was made from moves behind it. */
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

/** Why the gradient of a node cannot be differentiated, if so. */
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

/** There is none before the first gradient. */
const currentTape = (): readonly TapeNode[] => (tf.engine().state.activeTape as TapeNode[] | null) ?? [];

/** @throws EngineError where the tape takes nothing down, so that every gradient would come out as zero. */
export function assertTapeRuns(): void {
  if (tf.engine().state.kernelDepth === 0) return;
  throw new EngineError(
    "a gradient was asked for inside the forward function of a custom gradient (tf.customGrad), where TensorFlow.js records nothing. " +
      "Compute it before, and pass it in.",
  );
}

/** How long the tape is now. */
export const tapeLength = (): number => currentTape().length;

/** Puts right what the tape lists from `start` on. */
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

/** Frees what a failed gradient left on the tape. */
export function clearTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of currentTape()) tf.dispose(saved ?? []);
  state.activeTape = [];
}
