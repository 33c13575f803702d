/** What transitions of NUTS report. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import type { HamiltonianInfo } from "../hamiltonian.js";
import { stackSteps } from "../open-kernel.js";

/**
 * What NUTS reports of a transition.
 *
 * `acceptProb` is the mean of min(1, exp(-ΔH)) over all visited points, and `energyError` the ΔH of
 * the chosen point. `accepted` says whether the chosen point differs from the first. `nGrad` counts
 * the gradients computed for the chain: on the engine in lock-step with the others.
 */
export type NutsInfo = HamiltonianInfo & {
  /** Doublings, `[chains]`. */
  readonly treeDepth: tf.Tensor1D;
  /** Leapfrog steps of the chain's own trajectory, `[chains]`. */
  readonly nLeapfrog: tf.Tensor1D;
};

/** The end of a chain's transition. */
export interface ChainReport {
  /** H of the chosen point, and of the start. */
  readonly total: number;
  readonly startTotal: number;
  /** Σ min(1, exp(-ΔH)) over the leaves. */
  readonly acceptance: number;
  readonly leaves: number;
  readonly depth: number;
  readonly divergent: boolean;
  readonly moved: boolean;
}

/** Collects what `count` transitions of all chains report, `[chains, count, ...]`. */
export function recorder(chains: number, count: number, size: number) {
  const floats = (): Float32Array<ArrayBuffer> => new Float32Array(chains * count);
  const flags = (): Uint8Array<ArrayBuffer> => new Uint8Array(chains * count);
  const positions = new Float32Array(chains * count * size);
  const accepted = flags();
  const divergent = flags();
  const acceptProb = floats();
  const energyError = floats();
  const energy = floats();
  const treeDepth = floats();
  const nLeapfrog = floats();
  const nGrad = floats();
  return {
    /** @param row the chain's row of `rows`, which has rows of `size` numbers */
    put(
      step: number,
      chain: number,
      { rows, row }: { readonly rows: ArrayLike<number>; readonly row: number },
      report: ChainReport,
      gradients: number,
    ): void {
      const at = chain * count + step;
      for (let i = 0; i < size; i++) positions[at * size + i] = rows[row * size + i]!;
      accepted[at] = Number(report.moved);
      divergent[at] = Number(report.divergent);
      acceptProb[at] = report.acceptance / report.leaves;
      energyError[at] = report.total - report.startTotal;
      energy[at] = report.total;
      treeDepth[at] = report.depth;
      nLeapfrog[at] = report.leaves;
      nGrad[at] = gradients;
    },
    positions,
    info(stepSize: tf.Tensor): NutsInfo {
      const table = (values: Float32Array | Uint8Array, dtype: "float32" | "bool" = "float32") =>
        tf.tensor(values, [chains, count], dtype) as unknown as tf.Tensor1D;
      return {
        acceptProb: table(acceptProb),
        accepted: table(accepted, "bool"),
        energyError: table(energyError),
        divergent: table(divergent, "bool"),
        energy: table(energy),
        nGrad: table(nGrad),
        stepSize: tidy(() => stackSteps(new Array<tf.Tensor>(count).fill(stepSize))),
        treeDepth: table(treeDepth),
        nLeapfrog: table(nLeapfrog),
      };
    },
  };
}
