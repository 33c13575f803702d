/**
 * Effective sample sizes and R-hat of the draws in a file. All samplers are judged by this code.
 */
import { readFileSync } from "node:fs";
import { essBulk, rHat } from "@ergodic/samplers/diagnostics";

export interface Judgement {
  /** The smallest bulk effective sample size over the coordinates of the position. */
  readonly smallestEss: number;
  /** The largest R-hat. */
  readonly largestRHat: number;
}

/**
 * Effective sample size and R-hat of a file of draws.
 *
 * @param file float32, `[chains, draws, dimension]`
 */
export function judge(file: string, chains: number, draws: number): Judgement {
  const bytes = readFileSync(file);
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const dimension = values.length / (chains * draws);
  let [smallestEss, largestRHat] = [Infinity, 0];
  for (let i = 0; i < dimension; i++) {
    const series = Array.from({ length: chains }, (_, c) =>
      Float64Array.from({ length: draws }, (_, t) => values[(c * draws + t) * dimension + i]!),
    );
    smallestEss = Math.min(smallestEss, essBulk(series));
    largestRHat = Math.max(largestRHat, rHat(series));
  }
  return { smallestEss, largestRHat };
}
