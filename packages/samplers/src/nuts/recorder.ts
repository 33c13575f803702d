/** What transitions report, written down as numbers and handed out as tensors `[chains, steps]` at the end. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import type { HamiltonianInfo } from "../hamiltonian.js";
import { stackSteps } from "../open-kernel.js";
import type { Transit } from "./transit.js";

/**
 * `acceptProb` is the mean of min(1, exp(-ΔH)) over all points visited, `energyError` the ΔH of the point chosen, `accepted` whether that
 * is another than the first, `nGrad` the gradients computed in lock-step.
 */
export type NutsInfo = HamiltonianInfo & {
  /** Doublings, `[chains]`. */
  readonly treeDepth: tf.Tensor1D;
  /** Leapfrog steps of the chain's own trajectory, `[chains]`. */
  readonly nLeapfrog: tf.Tensor1D;
};

/** Where `count` steps of all chains are written down, `[chains, count, ...]`. */
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
    write(step: number, { transition, gradients }: Transit): void {
      const { chosen, startTotal, acceptance, leaves, depth, moved } = transition;
      for (let chain = 0; chain < chains; chain++) {
        const at = chain * count + step;
        positions.set(chosen.position.subarray(chain * size, (chain + 1) * size), at * size);
        accepted[at] = moved[chain]!;
        divergent[at] = transition.divergent[chain]!;
        acceptProb[at] = acceptance[chain]! / leaves[chain]!;
        energyError[at] = chosen.total[chain]! - startTotal[chain]!;
        energy[at] = chosen.total[chain]!;
        treeDepth[at] = depth[chain]!;
        nLeapfrog[at] = leaves[chain]!;
        nGrad[at] = gradients;
      }
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
