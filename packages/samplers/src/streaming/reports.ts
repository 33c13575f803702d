/** Running sums of the reports of kernels. */
import type * as tf from "@tensorflow/tfjs-core";
import type { KernelInfo } from "../kernel.js";

/** A summary of the steps of a run. Entries are present for what the kernel reports. */
export interface RunningReports {
  /** Mean acceptance probability of each chain. */
  readonly acceptancePerChain?: readonly number[];
  readonly divergences?: number;
  /** The first divergent draws, at most {@link mostPlaces}. */
  readonly divergentDraws?: readonly DivergentDraw[];
  /** E-BFMI of each chain, as `energyFraction`. */
  readonly energyFraction?: readonly number[];
  /** Mean and largest |ΔH|, over steps where it is finite. */
  readonly energyError?: { readonly mean: number; readonly largest: number };
  readonly deepestTree?: number;
  /** Gradients of all steps and chains. */
  readonly gradients?: number;
}

/** A draw whose trajectory diverged, with its position. */
export interface DivergentDraw {
  readonly chain: number;
  readonly draw: number;
  readonly position: readonly number[];
}

/** The number of divergent draws that are kept. */
export const mostPlaces = 100;

/** Running sums of energies: Σ (E_t - E_{t-1})² and Welford's Σ (E - Ē)². */
interface EnergyTrace {
  count: number;
  last: number;
  mean: number;
  spread: number;
  steps: number;
}

function follow(trace: EnergyTrace, energy: number): void {
  if (trace.count > 0) trace.steps += (energy - trace.last) ** 2;
  trace.count += 1;
  const before = energy - trace.mean;
  trace.mean += before / trace.count;
  trace.spread += before * (energy - trace.mean);
  trace.last = energy;
}

/** Sums over the steps of runs with so many chains. */
export function runningReports(chains: number) {
  const acceptance = new Float64Array(chains);
  const traces = Array.from({ length: chains }, (): EnergyTrace => ({
    count: 0,
    last: 0,
    mean: 0,
    spread: 0,
    steps: 0,
  }));
  const divergentDraws: DivergentDraw[] = [];
  const errors = { count: 0, sum: 0, largest: 0 };
  let [steps, divergences, deepestTree, gradients] = [0, 0, 0, 0];
  let names: readonly string[] = [];

  return {
    /**
     * Adds reports `[chains, count]` of the steps from number `from` on. `positionAt` gives a
     * chain's numbers after one of these steps.
     */
    async observe(
      info: KernelInfo,
      {
        from,
        count,
        positionAt,
      }: { from: number; count: number; positionAt: (chain: number, k: number) => Float64Array },
    ): Promise<void> {
      names = Object.keys(info);
      const read = async (name: string) => (name in info ? (info[name] as tf.Tensor).data() : undefined);
      const [accepted, energies, flags, differences, depths, costs] = await Promise.all(
        ["acceptProb", "energy", "divergent", "energyError", "treeDepth", "nGrad"].map(read),
      );
      steps += count;
      for (let at = 0; at < chains * count; at++) {
        const [chain, k] = [Math.floor(at / count), at % count];
        if (accepted) acceptance[chain]! += accepted[at]!;
        if (energies) follow(traces[chain]!, energies[at]!);
        if (depths) deepestTree = Math.max(deepestTree, depths[at]!);
        if (costs) gradients += costs[at]!;
        if (differences && Number.isFinite(differences[at])) {
          const size = Math.abs(differences[at]!);
          errors.count += 1;
          errors.sum += size;
          errors.largest = Math.max(errors.largest, size);
        }
        if (!flags?.[at]) continue;
        divergences += 1;
        if (divergentDraws.length >= mostPlaces) continue;
        divergentDraws.push({ chain, draw: from + k, position: Array.from(positionAt(chain, k)) });
      }
    },
    result(): RunningReports {
      const reported = (name: string): boolean => names.includes(name);
      return {
        ...(reported("acceptProb") && { acceptancePerChain: Array.from(acceptance, (sum) => sum / steps) }),
        ...(reported("divergent") && { divergences, divergentDraws }),
        ...(reported("energy") && { energyFraction: traces.map((trace) => trace.steps / trace.spread) }),
        ...(reported("energyError") && {
          energyError: { mean: errors.sum / errors.count, largest: errors.largest },
        }),
        ...(reported("treeDepth") && { deepestTree }),
        ...(reported("nGrad") && { gradients }),
      };
    },
  };
}
