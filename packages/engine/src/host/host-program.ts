/**
 * Small functions in JavaScript: a recorded function as generated code in float64.
 *
 * A call costs less than a microsecond beside its arithmetic, where a program of an engine costs
 * tens of microseconds. It pays for functions of few numbers that are called very often, such as
 * the energy of one chain. Positions of large models belong to an engine.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Tree } from "@ergodic/tensor";
import { UnsupportedKernelError } from "../errors.js";
import { numbersOf } from "../numbers.js";
import { record, type RecordedCall } from "../recorder/record.js";
import { generate, supportsOnHost } from "./generate.js";
import { helpers, helpersText } from "./helpers.js";
import { asDoubles } from "./rounding.js";
import { programOf, type ProgramText } from "./source.js";

/** A program without what belongs to one thread. */
export interface HostProgramParts extends ProgramText {
  /** Numbers of the buffers of inputs, with holes for arguments that are not used, and outputs. */
  readonly inputAt: readonly number[];
  readonly outputAt: readonly number[];
}

export interface HostProgram {
  /** Numbers of the arguments' tensors, in the order of `tree.leaves`: written before `run`. */
  readonly inputs: readonly Float64Array[];
  /** Numbers of the result's tensors, read after `run`. */
  readonly outputs: readonly Float64Array[];
  /** Additions of a run, about; a function such as exp counts as ten. */
  readonly operations: number;
  run(): void;
  /** Reads the captured variables again. They are read once when the program is made. */
  refresh(): void;
  /** What {@link hostProgramText} makes the same program of, in another thread. */
  readonly parts: HostProgramParts;
}

/** Buffers and code of a program. Threads run it too: it uses nothing but its arguments. */
const openParts = (
  parts: HostProgramParts,
  helpers: object,
  programOf: (text: ProgramText, helpers: object) => () => void,
): Pick<HostProgram, "inputs" | "outputs" | "run"> => ({
  inputs: parts.inputAt.map((index) => parts.buffers[index]!),
  outputs: parts.outputAt.map((index) => parts.buffers[index]!),
  run: programOf(parts, helpers),
});

/**
 * Source text of a function from a copy of {@link HostProgram.parts} to `inputs`, `outputs` and
 * `run`. Captured variables are in shared memory: `refresh` of the original renews them for all.
 */
export const hostProgramText = (): string =>
  `(parts) => (${String(openParts)})(parts, ${helpersText()}, ${String(programOf)})`;

/**
 * Generates code for `fn` with arguments of these shapes.
 *
 * @param fn a pure function of tensors, as for `compile`; random draws are not supported
 * @returns nothing where a kernel has no code, the function draws random numbers, or the platform
 *   forbids generated code
 * @throws TraceError as `compile` does.
 */
export function hostProgram<A extends unknown[]>(
  fn: (...args: A) => Tree<tf.Tensor>,
  args: A,
): HostProgram | undefined {
  try {
    return made(
      record(fn as (...args: never[]) => unknown, args, { engine: "host", supports: supportsOnHost, alternatives: [] }),
    );
  } catch (error) {
    if (error instanceof UnsupportedKernelError || error instanceof EvalError) return undefined;
    throw error;
  }
}

function made({ graph, variables }: RecordedCall): HostProgram | undefined {
  if (graph.inputs.some(({ source }) => source.kind === "random")) return undefined;
  const { source, inputs, outputs, operations } = generate(graph, asDoubles);
  const captured = graph.inputs.flatMap(({ source: from }, i) => {
    if (from.kind !== "variable") return [];
    source.share(inputs[i]!);
    return [{ buffer: source.bufferAt(inputs[i]!), variable: variables[from.index]! }];
  });
  const refresh = (): void => captured.forEach(({ buffer, variable }) => buffer.set(numbersOf(variable)));
  refresh();
  // Arguments that the function does not use have no input in the graph.
  const inputAt: number[] = [];
  graph.inputs.forEach(({ source: from }, i) => {
    if (from.kind === "argument") inputAt[from.leaf] = inputs[i]!;
  });
  const parts = { ...source.text(), inputAt, outputAt: outputs };
  return { ...openParts(parts, helpers, programOf), operations, refresh, parts };
}
