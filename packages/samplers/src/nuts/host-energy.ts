/**
 * Energies of one chain at a time, as generated code in float64.
 *
 * Posteriors of few numbers spend their time in calls: an engine needs tens of microseconds for a
 * program, generated code less than one. Where the energy of one chain is small, trajectories are
 * therefore computed here, one chain after the other. Large energies belong to the engine, which
 * computes all chains at once.
 */
import * as tf from "@tensorflow/tfjs-core";
import { hostProgram, hostProgramText, tidy, type HostProgram, type HostProgramParts } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";
import { energyOfRows, type RowEnergy } from "../chains.js";
import { potential } from "../potential.js";

/** Energies of at most so many additions (exp counts as ten) are computed on the host. */
const mostOperations = 50_000;

/** E and ∇E of one chain at a time. */
export interface EnergyOfChain {
  /** Numbers of a position. */
  readonly size: number;
  /** ∇E at the position that was evaluated last. */
  readonly gradient: Float64Array;
  /** E of a chain at the position that begins at `from`. */
  energyAt(x: Float64Array, from: number, chain: number): number;
}

export interface HostEnergy extends EnergyOfChain {
  /** Additions of an evaluation, about. */
  readonly operations: number;
  /** Reads captured variables again, for all threads. */
  refresh(): void;
  /** What {@link hostEnergyText} makes the same energy of, in another thread. */
  readonly parts: { readonly program: HostProgramParts; readonly sizes: readonly number[] };
}

/** Threads run it too: it uses nothing but its arguments. */
function energyOf(
  { inputs, outputs, run }: Pick<HostProgram, "inputs" | "outputs" | "run">,
  sizes: readonly number[],
): EnergyOfChain {
  const size = sizes.reduce((sum, n) => sum + n, 0);
  const chainInput = inputs[sizes.length];
  const [energy, ...parts] = outputs as readonly [Float64Array, ...Float64Array[]];
  const gradient = parts.length === 1 ? parts[0]! : new Float64Array(size);
  return {
    size,
    gradient,
    energyAt(x, from, chain) {
      let at = from;
      for (let leaf = 0; leaf < sizes.length; leaf++) {
        const input = inputs[leaf];
        const count = sizes[leaf]!;
        if (count === x.length) input?.set(x);
        else if (input !== undefined) for (let i = 0; i < count; i++) input[i] = x[at + i]!;
        at += count;
      }
      if (chainInput !== undefined) chainInput[0] = chain;
      run();
      if (parts.length > 1) {
        let to = 0;
        for (const part of parts) for (let i = 0; i < part.length; i++) gradient[to++] = part[i]!;
      }
      return energy[0]!;
    },
  };
}

/** Source text of a function from {@link HostEnergy.parts} to an {@link EnergyOfChain}. */
export const hostEnergyText = (): string =>
  `({ program, sizes }) => (${String(energyOf)})((${hostProgramText()})(program), sizes)`;

/**
 * The energy of one chain, or nothing where it belongs to the engine: it is large, has a kernel
 * without code, or fails for one row alone, of which the engine says more.
 */
export function hostEnergy<X extends TensorTree>(energy: RowEnergy<X>, position: X): HostEnergy | undefined {
  return tidy(() => {
    const row = tree.map((leaf) => tf.slice(leaf, 0, 1), position as TensorTree) as X;
    const evaluated = (x: X, chains: tf.Tensor1D): TensorTree => {
      const { energy: value, gradient } = potential(energyOfRows(energy, chains), "nuts")(x);
      return [value, gradient];
    };
    try {
      const program = hostProgram(evaluated, [row, tf.tensor1d([0], "int32")]);
      if (program === undefined || program.operations > mostOperations) return undefined;
      const sizes = tree.leaves(row as TensorTree).map((leaf) => leaf.size);
      const { operations, refresh, parts } = program;
      return { ...energyOf(program, sizes), operations, refresh, parts: { program: parts, sizes } };
    } catch {
      return undefined;
    }
  });
}
